// The course for people, and for programs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/table.hpp"
#include "harness/base/text.hpp"
#include "harness/bench/course.hpp"
#include "harness/bench/result_table.hpp"

namespace contend {
namespace {

using nlohmann::json;

std::string value_text(const std::string& metric, double value) {
  return metric == "wall_ns" ? duration_text(value) : number_text(value) + "/s";
}

std::vector<std::string> row_text(const CourseRow& row) {
  const CellResult& cell = *row.cell;
  const auto times = [](const std::optional<double>& ratio) {
    return ratio ? number_text(*ratio) + " x" : std::string(nothing);
  };
  const std::string metric = compared_metric(cell.cell);
  const auto found = cell.metrics.find(metric);
  std::string took(nothing), range(nothing);
  if (found != cell.metrics.end()) {
    const Interval& interval = found->second;
    took = value_text(metric, interval.median);
    if (interval.low && interval.high)
      range = fmt::format("{} .. {}", value_text(metric, *interval.low),
                          value_text(metric, *interval.high));
  }
  std::string notes = row.partner.empty() ? "" : "beside " + row.partner;
  if (cell.reason) notes += fmt::format("{}{}", notes.empty() ? "" : "; ", *cell.reason);
  return {cell.cell.engine, took, range, times(row.of_first), times(row.of_partner),
          std::move(notes)};
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string> fields;
    for (const std::string& field : rows[i]) fields.push_back(markdown_text(field));
    text += fmt::format("| {} |\n", fmt::join(fields, " | "));
    if (i > 0) continue;
    text += "|";
    for (std::size_t column = 0; column < rows[i].size(); ++column)
      text += column < 2 || column + 1 == rows[i].size() ? "---|" : "---:|";
    text += "\n";
  }
  return text;
}

std::string limits_text(const Claim& claim) {
  std::vector<std::string> limits;
  if (claim.at_least) limits.push_back(fmt::format("at least {:g}", *claim.at_least));
  if (claim.at_most) limits.push_back(fmt::format("at most {:g}", *claim.at_most));
  return fmt::format("{}", fmt::join(limits, " and "));
}

std::string claim_text(const Claim& claim, const Result& result) {
  const Verdict verdict = judge(claim, result);
  if (!verdict.ratio) return fmt::format("? {}: not measured ({})", claim.says, verdict.reason);
  return fmt::format("{} {}: {:.2f} ({})", verdict.kind == Verdict::Kind::holds ? "✓" : "✗",
                     claim.says, *verdict.ratio, limits_text(claim));
}

/// What the lessons said: a line for each saying, with all engines that played it so.
std::vector<std::string> notes_of(const std::vector<CourseRow>& rows, const Result& result) {
  std::vector<std::pair<std::string, std::string>> said;  // by whom, what
  for (const CourseRow& row : rows) {
    const auto sample = std::ranges::find_if(result.samples, [&](const Sample& one) {
      return one.cell == row.cell->cell.id() && !one.notes.empty();
    });
    if (sample == result.samples.end()) continue;
    const std::string what = fmt::format("{}: {}", row.scenario, fmt::join(sample->notes, "; "));
    const auto same = std::ranges::find(said, what, &std::pair<std::string, std::string>::second);
    if (same == said.end())
      said.emplace_back(row.cell->cell.engine, what);
    else
      same->first += ", " + row.cell->cell.engine;
  }
  std::vector<std::string> lines;
  for (const auto& [engines, what] : said) lines.push_back(fmt::format("{} ({})", what, engines));
  return lines;
}

/// Engines under their scenario, or with it in a column of its own.
std::vector<std::vector<std::string>> table_of(const std::vector<CourseRow>& rows, bool markdown) {
  std::vector<std::vector<std::string>> table{
      {"engine", "median", "95 % interval", "speed-up", "than Python", ""}};
  if (markdown) table[0].insert(table[0].begin(), "what");
  std::string_view scenario;
  for (const CourseRow& row : rows) {
    if (!markdown && row.scenario != scenario) table.push_back({row.scenario});
    scenario = row.scenario;
    table.push_back(row_text(row));
    if (markdown)
      table.back().insert(table.back().begin(), row.scenario);
    else
      table.back().front().insert(0, "  ");
  }
  return table;
}

std::string report_text(const Course& course, const Result& result, bool markdown) {
  const auto words = markdown ? markdown_text : terminal_text;
  std::string text;
  for (std::size_t number = 0; number < course.items.size(); ++number) {
    const CourseItem& item = course.items[number];
    const auto rows = rows_of(item, course, result);
    const auto table = table_of(rows, markdown);
    text += fmt::format("\n{}{}. {}\n{}{}\n\n", markdown ? "## " : "", number + 1, item.title,
                        markdown ? "\n" : "", item.expected);
    text += markdown ? markdown_table(table) : aligned(table);
    text += "\n";
    const char* const bullet = markdown ? "- " : "  ";
    for (const Claim& claim : item.claims)
      text += fmt::format("{}{}\n", bullet, words(claim_text(claim, result)));
    for (const std::string& note : notes_of(rows, result))
      text += fmt::format("{}{}\n", bullet, words(note));
  }
  return text;
}

}  // namespace

std::string course_text(const Course& course, const Result& result) {
  return report_text(course, result, false);
}

std::string course_markdown(const Course& course, const Result& result) {
  return report_text(course, result, true);
}

json course_json(const Course& course, const Result& result) {
  json items = json::array();
  for (const CourseItem& item : course.items) {
    json rows = json::array(), claims = json::array();
    for (const CourseRow& row : rows_of(item, course, result)) {
      const std::string metric = compared_metric(row.cell->cell);
      const auto found = row.cell->metrics.find(metric);
      rows.push_back(
          {{"cell", row.cell->cell.id()},
           {"metric", metric},
           {"median", found == row.cell->metrics.end() ? json() : json(found->second.median)},
           {"ratio_to_first", nullable(row.of_first)},
           {"ratio_to_partner", nullable(row.of_partner)},
           {"partner", row.partner.empty() ? json() : json(row.partner)},
           {"status", to_string(row.cell->status)}});
    }
    for (const Claim& claim : item.claims) {
      const Verdict verdict = judge(claim, result);
      claims.push_back({{"says", claim.says},
                        {"verdict", to_string(verdict.kind)},
                        {"ratio", nullable(verdict.ratio)},
                        {"at_least", nullable(claim.at_least)},
                        {"at_most", nullable(claim.at_most)},
                        {"reason", verdict.reason.empty() ? json() : json(verdict.reason)}});
    }
    items.push_back({{"name", item.name},
                     {"title", item.title},
                     {"expected", item.expected},
                     {"rows", rows},
                     {"claims", claims}});
  }
  return {{"run", result.run.id}, {"items", items}};
}

}  // namespace contend
