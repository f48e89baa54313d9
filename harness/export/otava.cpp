// For Apache Otava (formerly Hunter), which finds change points in a series: a CSV with a row a
// result, and beside it the YAML that tells Otava about its columns: a test a cell, a metric a
// column (docs/CSV.md of Otava). Series are of one machine, and ratios to one base.
//   contend export results/2026* --format otava --out series.csv
//   otava analyze bench --config-file series.yaml
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/base/text.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"

namespace contend::exports {
namespace {

/// A column of the CSV.
struct Column {
  std::string cell, metric;
  bool bigger_is_better = false;
  std::map<const Source*, double> values{};

  std::string name() const { return spreadsheet_text(cell + " " + metric); }
};

/// One line of text, whatever is in it: Otava prints names in tables.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return line;
}

const std::string& base_of(const Source& source) {
  static const std::string none;
  const ab::AbResult* const compared = source.comparison();
  if (compared == nullptr) return none;
  return compared->base.sha256 ? *compared->base.sha256 : compared->base.name;
}

void refuse_strangers(std::span<const Source> sources) {
  const Source& first = sources.front();
  std::set<std::string> runs;
  for (const Source& source : sources) {
    if (source.machine().fingerprint != first.machine().fingerprint)
      throw std::invalid_argument(fmt::format(
          "{} and {} are of different machines, which are no series; export each machine's apart",
          first.where, source.where));
    if (source.suite() != first.suite())
      throw std::invalid_argument(fmt::format(
          "{} and {} are of different suites; export each apart", first.where, source.where));
    if (base_of(source) != base_of(first))
      throw std::invalid_argument(
          fmt::format("{} and {} have different bases, so that their ratios are no series",
                      first.where, source.where));
    if (!runs.insert(source.run_id()).second)
      throw std::invalid_argument(fmt::format("{}: the run {} is there twice", source.where,
                                              quote_for_display(source.run_id())));
  }
}

/// Those that have a value in every result, since Otava takes no gaps.
std::vector<Column> columns_of(const std::vector<const Source*>& rows) {
  std::vector<Column> columns;
  std::map<std::string, std::size_t> places;
  for (const Source* const source : rows)
    for (const Figure& figure : figures_of(*source)) {
      if (figure.unit.better == Better::neither) continue;
      Column column{one_line(figure.cell), one_line(figure.metric),
                    figure.unit.better == Better::bigger};
      const auto place = places.try_emplace(column.name(), columns.size()).first->second;
      if (place == columns.size()) columns.push_back(std::move(column));
      if (!columns[place].values.emplace(source, figure.value).second)
        throw std::invalid_argument(fmt::format("{}: has two columns named {}", source->where,
                                                quote_for_display(figure.cell)));
    }
  std::erase_if(columns, [&](const Column& column) { return column.values.size() < rows.size(); });
  std::ranges::stable_sort(columns, {}, &Column::cell);
  return columns;
}

std::string csv_of(const std::vector<const Source*>& rows, const std::vector<Column>& columns,
                   const std::string& branch) {
  std::string text = branch.empty() ? "time,commit,run" : "time,commit,branch,run";
  for (const Column& column : columns) text += "," + csv_field(column.name());
  text += "\r\n";
  for (const Source* const source : rows) {
    text += csv_field(source->started_at()) + "," + csv_field(one_line(source->commit())) + ",";
    if (!branch.empty()) text += csv_field(one_line(branch)) + ",";
    text += csv_field(one_line(source->run_id()));
    for (const Column& column : columns) text += "," + number(column.values.at(source));
    text += "\r\n";
  }
  return text;
}

std::string yaml_of(const std::vector<Column>& columns, const std::string& suite,
                    const Choices& choices) {
  std::string tests, group;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& column = columns[i];
    if (i == 0 || columns[i - 1].cell != column.cell) {
      group += fmt::format("    - {}\n", yaml_string(column.cell));
      tests += fmt::format(
          "  {}:\n    type: csv\n    file: {}\n    time_column: time\n    attributes: [commit, "
          "{}run]\n"
          "    metrics:\n",
          yaml_string(column.cell), yaml_string(choices.out),
          choices.branch.empty() ? "" : "branch, ");
    }
    tests += fmt::format("      {}:\n        column: {}\n        direction: {}\n        scale: 1\n",
                         yaml_string(column.metric), yaml_string(column.name()),
                         column.bigger_is_better ? 1 : -1);
  }
  return fmt::format("tests:\n{}test_groups:\n  {}:\n{}", tests, yaml_string(suite), group);
}

std::vector<std::string> write_otava(std::span<const Source> sources, const Choices& choices) {
  refuse_strangers(sources);
  std::vector<const Source*> rows;
  for (const Source& source : sources) rows.push_back(&source);
  std::ranges::stable_sort(rows, {}, [](const Source* source) { return source->started_at(); });
  std::vector<Column> columns = columns_of(rows);
  if (columns.empty())
    throw std::invalid_argument(fmt::format(
        "{}: there is no metric with a value in each result, so there is nothing to export",
        sources.front().where));
  return {csv_of(rows, columns, choices.branch),
          yaml_of(columns, sources.front().suite(), choices)};
}

}  // namespace

extern const Format otava_format;
const Format otava_format{
    .name = "otava",
    .summary =
        "Apache Otava (formerly Hunter): a CSV with a row a RESULT, --out FILE.csv, and its "
        "configuration beside it, FILE.yaml",
    .takes = Format::branch,
    .several = true,
    .beside = ".yaml",
    .write = write_otava};

}  // namespace contend::exports
