// What the course compares, and whether it came as it says.
#include "harness/bench/course.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/base/files.hpp"
#include "harness/base/folders.hpp"
#include "harness/base/json.hpp"
#include "harness/stats/medians.hpp"

namespace contend {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Operand operand_in(Fields& fields, const char* name) {
  Fields operand(fields.object(name), fields.path(name));
  Operand parsed{.cell = operand.string("cell"), .lane = {}};
  if (operand.has("lane"))
    parsed.lane = static_cast<std::uint64_t>(operand.integer("lane", 0, 1'000'000));
  operand.finish();
  return parsed;
}

Claim parse_claim(const json& element, const std::string& where) {
  Fields fields(element, where);
  Claim claim{.says = fields.string("says"),
              .metric = fields.string_or("metric", "wall_ns"),
              .of = operand_in(fields, "of"),
              .per = operand_in(fields, "per"),
              .at_least = {},
              .at_most = {},
              .cpus = static_cast<unsigned>(fields.integer_or("cpus", 1, 1, 1024))};
  if (fields.has("at_least")) claim.at_least = fields.number("at_least");
  if (fields.has("at_most")) claim.at_most = fields.number("at_most");
  if (!claim.at_least && !claim.at_most)
    fields.refuse("at_least", "or at_most must be there, or nothing is claimed");
  fields.finish();
  return claim;
}

CourseItem parse_item(const json& element, const std::string& where) {
  Fields fields(element, where);
  CourseItem item{.name = fields.string("name"),
                  .title = fields.string("title"),
                  .expected = fields.string("expected"),
                  .scenarios = fields.strings("scenarios"),
                  .claims = {}};
  fields.each("claims", [&](const json& claim, const std::string& claim_where) {
    item.claims.push_back(parse_claim(claim, claim_where));
  });
  fields.finish();
  return item;
}

const CellResult* find_cell(const Result& result, const std::string& id) {
  const auto found =
      std::ranges::find(result.cells, id, [](const CellResult& one) { return one.cell.id(); });
  return found == result.cells.end() ? nullptr : &*found;
}

/// Absent where there is no good sample that has it.
std::optional<double> median_finish(const Result& result, const Operand& operand) {
  std::vector<double> finishes;
  for (const Sample& sample : result.samples) {
    if (sample.cell != operand.cell || sample.status != Sample::Status::ok) continue;
    for (const Span& span : sample.spans)
      if (span.lane == *operand.lane && span.finish_ns)
        finishes.push_back(static_cast<double>(*span.finish_ns));
  }
  return finishes.empty() ? std::nullopt : std::optional(median(finishes));
}

std::optional<double> median_metric(const CellResult& cell, const std::string& metric) {
  const auto found = cell.metrics.find(metric);
  return found == cell.metrics.end() ? std::nullopt : std::optional(found->second.median);
}

std::optional<double> value_of(const Operand& operand, const std::string& metric,
                               const Result& result) {
  if (operand.lane) return median_finish(result, operand);
  const CellResult* const cell = find_cell(result, operand.cell);
  return cell == nullptr ? std::nullopt : median_metric(*cell, metric);
}

std::string why_not(const Operand& operand, const Result& result) {
  const CellResult* const cell = find_cell(result, operand.cell);
  if (cell == nullptr) return operand.cell + " is not in this run";
  return fmt::format("{}: {}", operand.cell, cell->reason.value_or("no good sample"));
}

/// How many times as long it takes as `fast`, or as much it gets done less.
std::optional<double> times(const CellResult* slow, const CellResult& fast) {
  if (slow == nullptr) return std::nullopt;
  const std::string metric = compared_metric(fast.cell);
  const auto one = median_metric(*slow, metric), other = median_metric(fast, metric);
  if (!one || !other || *one <= 0 || *other <= 0) return std::nullopt;
  return metric == "wall_ns" ? *one / *other : *other / *one;
}

}  // namespace

Course parse_course(const json& json, const std::string& where) {
  Fields fields(json, where);
  Course course{.suite = fields.string("suite"), .pairs = {}, .items = {}};
  fields.each("pairs", [&](const nlohmann::json& pair, const std::string& pair_where) {
    Fields names(pair, pair_where);
    course.pairs.emplace_back(names.string("ours"), names.string("python"));
    names.finish();
  });
  fields.each("items", [&](const nlohmann::json& item, const std::string& item_where) {
    course.items.push_back(parse_item(item, item_where));
  });
  fields.finish();
  return course;
}

Course load_course() {
  const fs::path file = "course.json";
  for (const fs::path& folder : folders_called("workloads")) {
    const fs::path found = folder / file;
    if (fs::exists(found))
      return parse_course(parse_json(content_of(found), found.string()), found.string());
  }
  throw std::invalid_argument(
      "there is no workloads/course.json in a folder above this program: run contend where it was "
      "built, in its source tree");
}

void select_items(Course& course, const std::vector<std::string>& names, Selection& selection) {
  for (const std::string& name : names)
    if (std::ranges::find(course.items, name, &CourseItem::name) == course.items.end()) {
      std::vector<std::string_view> known;
      for (const CourseItem& item : course.items) known.push_back(item.name);
      throw std::invalid_argument(fmt::format("the course has no item {}; there are {}",
                                              quote_for_display(name), fmt::join(known, ", ")));
    }
  if (names.empty()) return;
  std::erase_if(course.items, [&](const CourseItem& item) {
    return std::ranges::find(names, item.name) == names.end();
  });
  for (const CourseItem& item : course.items)
    selection.scenarios.insert(selection.scenarios.end(), item.scenarios.begin(),
                               item.scenarios.end());
}

std::string_view to_string(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::holds: return "holds";
    case Verdict::Kind::fails: return "fails";
    case Verdict::Kind::not_measured: return "not_measured";
  }
  return "unknown";
}

Verdict judge(const Claim& claim, const Result& result) {
  Verdict verdict;
  const std::size_t cpus =
      result.placement.engine_cpus.size() +
      (result.placement.pinned ? result.placement.load_cpus.size() : std::size_t{0});
  if (cpus < claim.cpus) {
    verdict.reason = fmt::format("needs {} CPUs, of which there are {}", claim.cpus, cpus);
    return verdict;
  }
  const auto of = value_of(claim.of, claim.metric, result);
  const auto per = value_of(claim.per, claim.metric, result);
  if (!of || !per || *per <= 0) {
    verdict.reason = why_not(of ? claim.per : claim.of, result);
    return verdict;
  }
  verdict.ratio = *of / *per;
  const bool holds = (!claim.at_least || *verdict.ratio >= *claim.at_least) &&
                     (!claim.at_most || *verdict.ratio <= *claim.at_most);
  verdict.kind = holds ? Verdict::Kind::holds : Verdict::Kind::fails;
  return verdict;
}

bool any_claim_fails(const Course& course, const Result& result) {
  return std::ranges::any_of(course.items, [&](const CourseItem& item) {
    return std::ranges::any_of(item.claims, [&](const Claim& claim) {
      return judge(claim, result).kind == Verdict::Kind::fails;
    });
  });
}

std::string compared_metric(const Cell& cell) {
  return cell.role == Role::serve ? "throughput_per_s" : "wall_ns";
}

std::vector<CourseRow> rows_of(const CourseItem& item, const Course& course, const Result& result) {
  std::vector<CourseRow> rows;
  for (const std::string& scenario : item.scenarios) {
    const CellResult* first = nullptr;
    for (const CellResult& cell : result.cells) {
      if (cell.cell.scenario() != scenario) continue;
      if (first == nullptr) first = &cell;
      CourseRow row{.cell = &cell,
                    .scenario = scenario,
                    .of_first = times(first, cell),
                    .of_partner = {},
                    .partner = {}};
      for (const auto& [ours, theirs] : course.pairs) {
        if (ours != cell.cell.engine) continue;
        Cell partner = cell.cell;
        partner.engine = theirs;
        row.of_partner = times(find_cell(result, partner.id()), cell);
        if (row.of_partner) row.partner = theirs;
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace contend
