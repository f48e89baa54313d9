// CSV for spreadsheets and data frames (RFC 4180, with a header): a row a sample, or of comparisons
// a row for each.
//   contend export results/latest --format csv --out samples.csv
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "harness/base/text.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"

namespace contend::exports {
namespace {

class Row {
 public:
  Row& text(std::string_view field) { return add(csv_field(field)); }
  template <typename Number>
  Row& count(Number value) {
    return add(std::to_string(value));
  }
  /// Absent is empty.
  Row& value(const std::optional<double>& value) {
    return add(value && std::isfinite(*value) ? number(*value) : std::string());
  }
  std::string line() const { return line_ + "\r\n"; }

 private:
  Row& add(const std::string& field) {
    line_ += (begun_ ? "," : "") + field;
    begun_ = true;
    return *this;
  }

  std::string line_;
  bool begun_ = false;
};

std::string header(std::initializer_list<std::string_view> names,
                   const std::set<std::string>& more = {}) {
  Row row;
  for (const std::string_view name : names) row.text(name);
  for (const std::string& name : more) row.text(name);
  return row.line();
}

std::string samples_text(std::span<const Source> sources) {
  std::set<std::string> metrics;
  for (const Source& source : sources)
    for (const Sample& sample : source.result()->samples)
      for (const auto& [name, unused] : sample.metrics) metrics.insert(name);
  std::string text = header({"run", "suite", "revision", "machine", "cell", "engine", "workload",
                             "variant", "connections", "round", "order", "at", "status", "reason",
                             "client_limited", "window_ns", "operations"},
                            metrics);
  for (const Source& source : sources) {
    const Result& result = *source.result();
    std::map<std::string, const Cell*> cells;
    for (const CellResult& cell : result.cells) cells.emplace(cell.cell.id(), &cell.cell);
    for (const Sample& sample : result.samples) {
      const auto found = cells.find(sample.cell);
      if (found == cells.end())
        throw std::invalid_argument(source.where + ": has a sample of none of its cells");
      const Cell& cell = *found->second;
      Row row;
      row.text(result.run.id).text(result.run.suite).text(result.build.revision);
      row.text(result.machine.fingerprint).text(sample.cell).text(cell.engine).text(cell.workload);
      row.text(cell.options.variant);
      row.text(has_connections(cell.role) ? std::to_string(cell.connections) : std::string());
      row.count(sample.round).count(sample.order).text(sample.at).text(to_string(sample.status));
      row.text(sample.reason.value_or("")).text(sample.client_limited ? "true" : "false");
      row.count(sample.window_ns).count(sample.operations);
      for (const std::string& name : metrics) {
        const auto metric = sample.metrics.find(name);
        row.value(metric == sample.metrics.end() ? std::nullopt : metric->second);
      }
      text += row.line();
    }
  }
  return text;
}

std::string comparisons_text(std::span<const Source> sources) {
  std::string text = header(
      {"run",       "suite",      "started_at",  "machine",    "base_name",       "head_name",
       "cell",      "engine",     "workload",    "variant",    "connections",     "metric",
       "verdict",   "reason",     "confirmed",   "pairs",      "excluded_pairs",  "ratio",
       "ratio_low", "ratio_high", "p_regressed", "p_improved", "smallest_effect", "base",
       "head",      "unit"});
  for (const Source& source : sources) {
    const ab::AbResult& result = *source.comparison();
    std::map<std::string_view, const ab::ComparedCell*> cells;
    for (const ab::ComparedCell& cell : result.cells) cells.emplace(cell.id, &cell);
    for (const ab::Comparison& comparison : result.comparisons) {
      const ab::ComparedCell& cell = *cells.at(comparison.cell);
      const auto& ratio = comparison.ratio;
      Row row;
      row.text(result.run.id).text(result.run.suite).text(result.run.started_at);
      row.text(result.machine.fingerprint).text(result.base.name).text(result.head.name);
      row.text(cell.id).text(cell.engine).text(cell.workload).text(cell.variant);
      row.text(has_connections(cell.role) ? std::to_string(cell.connections) : std::string());
      row.text(comparison.metric).text(to_string(comparison.verdict));
      row.text(comparison.reason.value_or("")).text(comparison.confirmed ? "true" : "false");
      row.count(comparison.pairs).count(comparison.excluded_pairs);
      row.value(ratio ? std::optional(ratio->estimate) : std::nullopt);
      row.value(ratio ? ratio->low : std::nullopt).value(ratio ? ratio->high : std::nullopt);
      row.value(comparison.p_regressed).value(comparison.p_improved);
      row.value(comparison.smallest_effect).value(comparison.base).value(comparison.head);
      row.text(unit_of(comparison.metric).name);
      text += row.line();
    }
  }
  return text;
}

std::vector<std::string> write_csv(std::span<const Source> sources, const Choices& /*choices*/) {
  const bool compares = sources.front().comparison() != nullptr;
  return {compares ? comparisons_text(sources) : samples_text(sources)};
}

}  // namespace

extern const Format csv_format;
const Format csv_format{.name = "csv",
                        .summary =
                            "CSV for spreadsheets and data frames: a row a sample, or a row a "
                            "comparison; several RESULTs of one kind",
                        .several = true,
                        .write = write_csv};

}  // namespace contend::exports
