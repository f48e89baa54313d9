// What comparing two sides found, to and from JSON.
#include "harness/ab/ab_result.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "harness/base/json.hpp"

namespace contend::ab {
namespace {

using nlohmann::json;

Verdict verdict_in(Fields& fields, std::string_view name) {
  const std::string said =
      fields.choice(name, {"regressed", "invalid", "inconclusive", "improved", "unchanged"});
  return *std::ranges::find(all_verdicts, said, [](Verdict verdict) { return to_string(verdict); });
}

json to_json(const AbRun& run) {
  return {{"id", run.id},
          {"suite", run.suite},
          {"seed", run.seed},
          {"interleaved", run.interleaved},
          {"complete", run.complete},
          {"slice_ns", run.slice.count()},
          {"budget_ns", run.budget.count()},
          {"alpha", run.alpha},
          {"confidence", run.confidence},
          {"started_at", run.started_at},
          {"finished_at", nullable(run.finished_at)},
          {"command", run.command}};
}

AbRun parse_run(const json& value, const std::string& where) {
  Fields fields(value, where);
  AbRun run{.id = fields.string("id"),
            .suite = fields.string("suite"),
            .seed = static_cast<std::uint64_t>(fields.integer("seed", 0)),
            .interleaved = fields.boolean("interleaved"),
            .complete = fields.boolean("complete"),
            .slice = Duration(fields.integer("slice_ns", 0)),
            .budget = Duration(fields.integer("budget_ns", 0)),
            .alpha = fields.number("alpha"),
            .confidence = fields.number("confidence"),
            .started_at = fields.string("started_at"),
            .finished_at = fields.nullable_string("finished_at"),
            .command = fields.strings("command")};
  fields.finish();
  return run;
}

json to_json(const Side& side) {
  return {{"name", side.name}, {"command", side.command}, {"sha256", nullable(side.sha256)}};
}

Side parse_side(const json& value, const std::string& where) {
  Fields fields(value, where);
  Side side{.name = fields.string("name"),
            .command = fields.strings("command"),
            .sha256 = fields.nullable_string("sha256")};
  fields.finish();
  return side;
}

json to_json(const ComparedCell::Slices& slices) {
  return {{"good", slices.good},
          {"failed", slices.failed},
          {"client_limited", slices.client_limited},
          {"noisy", slices.noisy}};
}

ComparedCell::Slices parse_slices(const json& value, const std::string& where) {
  Fields fields(value, where);
  const auto count = [&](const char* name) {
    return static_cast<unsigned>(fields.integer(name, 0, UINT32_MAX));
  };
  const ComparedCell::Slices slices{.good = count("good"),
                                    .failed = count("failed"),
                                    .client_limited = count("client_limited"),
                                    .noisy = count("noisy")};
  fields.finish();
  return slices;
}

json to_json(const ComparedCell& cell) {
  return {{"id", cell.id},
          {"engine", cell.engine},
          {"workload", cell.workload},
          {"variant", cell.variant},
          {"role", to_string(cell.role)},
          {"connections", has_connections(cell.role) ? json(cell.connections) : json()},
          {"base", to_json(cell.base)},
          {"head", to_json(cell.head)},
          {"reason", nullable(cell.reason)}};
}

ComparedCell parse_cell(const json& value, const std::string& where) {
  Fields fields(value, where);
  ComparedCell cell{.id = fields.string("id"),
                    .engine = fields.string("engine"),
                    .workload = fields.string("workload"),
                    .variant = fields.string("variant"),
                    .role = role_in(fields, "role"),
                    .connections = 0,
                    .base = parse_slices(fields.object("base"), fields.path("base")),
                    .head = parse_slices(fields.object("head"), fields.path("head")),
                    .reason = fields.nullable_string("reason")};
  if (has_connections(cell.role))
    cell.connections = static_cast<unsigned>(fields.integer("connections", 1, UINT32_MAX));
  else if (!fields.null("connections"))
    fields.refuse("connections", "must be null for this role");
  fields.finish();
  return cell;
}

json to_json(const Comparison& comparison) {
  const std::optional<Ratio>& ratio = comparison.ratio;
  return {{"cell", comparison.cell},
          {"metric", comparison.metric},
          {"verdict", to_string(comparison.verdict)},
          {"reason", nullable(comparison.reason)},
          {"confirmed", comparison.confirmed},
          {"pairs", comparison.pairs},
          {"excluded_pairs", comparison.excluded_pairs},
          {"ratio", ratio ? json(ratio->estimate) : json()},
          {"ratio_low", ratio ? nullable(ratio->low) : json()},
          {"ratio_high", ratio ? nullable(ratio->high) : json()},
          {"p_regressed", nullable(comparison.p_regressed)},
          {"p_improved", nullable(comparison.p_improved)},
          {"smallest_effect", comparison.smallest_effect},
          {"base", nullable(comparison.base)},
          {"head", nullable(comparison.head)}};
}

std::optional<Ratio> ratio_in(Fields& fields) {
  const auto estimate = fields.nullable_number("ratio");
  const Ratio ratio{.estimate = estimate.value_or(1),
                    .low = fields.nullable_number("ratio_low"),
                    .high = fields.nullable_number("ratio_high")};
  const auto wrong = [](std::optional<double> value) { return value && *value <= 0; };
  if (wrong(estimate) || wrong(ratio.low) || wrong(ratio.high))
    fields.refuse("ratio", "and its interval must be above 0");
  if (!estimate && (ratio.low || ratio.high))
    fields.refuse("ratio", "must not be null where it has an interval");
  return estimate ? std::optional(ratio) : std::nullopt;
}

Comparison parse_comparison(const json& value, const std::string& where) {
  Fields fields(value, where);
  Comparison comparison{
      .cell = fields.string("cell"),
      .metric = fields.string("metric"),
      .verdict = verdict_in(fields, "verdict"),
      .reason = fields.nullable_string("reason"),
      .confirmed = fields.boolean("confirmed"),
      .pairs = static_cast<std::size_t>(fields.integer("pairs", 0)),
      .excluded_pairs = static_cast<std::size_t>(fields.integer("excluded_pairs", 0)),
      .ratio = ratio_in(fields),
      .p_regressed = fields.nullable_number("p_regressed"),
      .p_improved = fields.nullable_number("p_improved"),
      .smallest_effect = fields.number("smallest_effect"),
      .base = fields.nullable_number("base"),
      .head = fields.nullable_number("head")};
  fields.finish();
  return comparison;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed: return "regressed";
    case Verdict::invalid: return "invalid";
    case Verdict::inconclusive: return "inconclusive";
    case Verdict::improved: return "improved";
    case Verdict::unchanged: return "unchanged";
  }
  return "unknown";
}

std::size_t AbResult::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(comparisons, verdict, &Comparison::verdict));
}

Verdict AbResult::verdict() const {
  for (const Verdict verdict : all_verdicts)
    if (count(verdict) > 0) return verdict;
  return Verdict::invalid;
}

json to_json(const AbResult& result) {
  json cells = json::array(), comparisons = json::array(), counts = json::object();
  for (const ComparedCell& cell : result.cells) cells.push_back(to_json(cell));
  for (const Comparison& comparison : result.comparisons)
    comparisons.push_back(to_json(comparison));
  for (const Verdict verdict : all_verdicts)
    counts[std::string(to_string(verdict))] = result.count(verdict);
  return {{"schema_version", ab_schema_version},
          {"run", to_json(result.run)},
          {"machine", machine_json(result.machine)},
          {"harness", build_json(result.harness)},
          {"placement", placement_json(result.placement)},
          {"noise", noise_json(result.noise)},
          {"base", to_json(result.base)},
          {"head", to_json(result.head)},
          {"verdict", to_string(result.verdict())},
          {"counts", counts},
          {"cells", cells},
          {"comparisons", comparisons}};
}

AbResult parse_ab_result(const json& value, const std::string& where) {
  Fields fields(value, where);
  fields.integer("schema_version", ab_schema_version, ab_schema_version);
  const auto part = [&](const char* name, auto parse) {
    return parse(fields.object(name), fields.path(name));
  };
  AbResult result{.run = part("run", parse_run),
                  .machine = part("machine", parse_machine),
                  .harness = part("harness", parse_build),
                  .placement = part("placement", parse_placement),
                  .noise = part("noise", parse_noise),
                  .base = part("base", parse_side),
                  .head = part("head", parse_side),
                  .cells = {},
                  .comparisons = {}};
  std::set<std::string> ids;
  fields.each("cells", [&](const json& element, const std::string& element_where) {
    result.cells.push_back(parse_cell(element, element_where));
    if (!ids.insert(result.cells.back().id).second)
      throw std::invalid_argument(element_where + ".id: another cell has it too");
  });
  std::set<std::pair<std::string, std::string>> compared;
  fields.each("comparisons", [&](const json& element, const std::string& element_where) {
    Comparison comparison = parse_comparison(element, element_where);
    if (!ids.contains(comparison.cell))
      throw std::invalid_argument(element_where + ".cell: is none of the cells");
    if (!compared.emplace(comparison.cell, comparison.metric).second)
      throw std::invalid_argument(element_where + ".metric: is there twice of this cell");
    result.comparisons.push_back(std::move(comparison));
  });
  // Both follow from the comparisons, and must not contradict them.
  if (verdict_in(fields, "verdict") != result.verdict())
    fields.refuse("verdict",
                  "must be " + std::string(to_string(result.verdict())) + " by the comparisons");
  Fields counts(fields.object("counts"), fields.path("counts"));
  for (const Verdict verdict : all_verdicts) {
    const auto count = static_cast<std::int64_t>(result.count(verdict));
    counts.integer(to_string(verdict), count, count);
  }
  counts.finish();
  fields.finish();
  return result;
}

}  // namespace contend::ab
