// Two results that were stored, compared as far as that can be.
#include "harness/ab/stored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "harness/ab/exact.hpp"
#include "harness/stats/mann_whitney.hpp"

namespace contend::ab {
namespace {

/// The samples of one cell on both sides.
struct Stored {
  const CellResult* base = nullptr;
  const CellResult* head = nullptr;
  std::vector<const Sample*> of_base, of_head;
};

std::vector<const Sample*> samples_of(const Result& result, const std::string& cell) {
  std::vector<const Sample*> samples;
  for (const Sample& sample : result.samples)
    if (sample.cell == cell) samples.push_back(&sample);
  return samples;
}

/// Run ids of the sides of a comparison are those of the comparison and the side (recording.cpp).
bool are_sides_of_one_run(const Result& base, const Result& head) {
  constexpr std::string_view of_base = "-base", of_head = "-head";
  return base.run.id.ends_with(of_base) && head.run.id.ends_with(of_head) &&
         base.run.id.substr(0, base.run.id.size() - of_base.size()) ==
             head.run.id.substr(0, head.run.id.size() - of_head.size());
}

/// Adjacent slices: places 0 and 1 of a block, and 2 and 3.
std::vector<Pair> pairs_of(const Stored& stored) {
  std::map<std::pair<unsigned, unsigned>, Pair> pairs;
  const auto key = [](const Sample& sample) { return std::pair(sample.round, sample.order / 2); };
  for (const Sample* sample : stored.of_base) pairs[key(*sample)].base = sample;
  for (const Sample* sample : stored.of_head) pairs[key(*sample)].head = sample;
  std::vector<Pair> whole;
  for (const auto& [place, pair] : pairs)
    if (pair.base != nullptr && pair.head != nullptr) whole.push_back(pair);
  return whole;
}

/// What makes the two incomparable; null where nothing does.
std::optional<std::string> why_not_comparable(const Result& base, const Result& head,
                                              const Stored& stored) {
  if (base.machine.fingerprint != head.machine.fingerprint) return "measured on different machines";
  if (base.machine.kernel != head.machine.kernel)
    return fmt::format("measured under different kernels, {} and {}", base.machine.kernel,
                       head.machine.kernel);
  const CellOptions &before = stored.base->cell.options, &after = stored.head->cell.options;
  for (const auto& [name, value] : before.parameters) {
    const auto same = after.parameters.find(name);
    if (same != after.parameters.end() && same->second != value)
      return fmt::format("measured with different parameters: {} is {} and {}", name, value,
                         same->second);
  }
  if (before.window != after.window || before.workers != after.workers ||
      before.spin != after.spin || before.delay != after.delay)
    return "measured with different windows or options";
  return std::nullopt;
}

std::vector<double> log_costs(const ComparedMetric& metric,
                              const std::vector<const Sample*>& samples) {
  std::vector<double> costs;
  for (const Sample* sample : samples) {
    if (sample->status != Sample::Status::ok || !sample->errors.empty()) continue;
    const auto found = sample->metrics.find(std::string(metric.name));
    if (found != sample->metrics.end() && found->second && *found->second > 0)
      costs.push_back(std::log(cost_of(metric, *found->second)));
  }
  return costs;
}

std::optional<double> middle_of(const CellResult& cell, std::string_view metric) {
  const auto found = cell.metrics.find(std::string(metric));
  return found == cell.metrics.end() ? std::nullopt : std::optional(found->second.median);
}

Evidence weigh_unpaired(const ComparedMetric& metric, const Stored& stored, const Rules& rules) {
  // Of nothing, so that names and smallest effect are those of a paired one.
  Evidence evidence = evaluate(stored.base->cell.id(), metric, {}, rules);
  Comparison& comparison = evidence.comparison;
  comparison.base = middle_of(*stored.base, metric.name);
  comparison.head = middle_of(*stored.head, metric.name);
  const std::vector<double> before = log_costs(metric, stored.of_base),
                            after = log_costs(metric, stored.of_head);
  if (before.empty() || after.empty()) {
    comparison.reason = "no good sample on one side";
    return evidence;
  }
  const TwoSamples found = mann_whitney(before, after, rules.confidence);
  comparison.verdict = Verdict::inconclusive;
  comparison.reason.reset();
  comparison.pairs = std::min(before.size(), after.size());
  comparison.ratio = Ratio{.estimate = std::exp(found.shift.estimate)};
  if (found.shift.low) comparison.ratio->low = std::exp(*found.shift.low);
  if (found.shift.high) comparison.ratio->high = std::exp(*found.shift.high);
  comparison.p_regressed = found.p_greater;
  comparison.p_improved = found.p_less;
  return evidence;
}

/// What is compared of a cell, by what was measured: benchmarks and counted cases have the role run
/// as jobs have, but neither a time from start to end nor a peak of memory.
std::span<const ComparedMetric> metrics_of(const CellResult& cell) {
  const auto has = [&](const char* metric) { return cell.metrics.contains(metric); };
  if (has("instructions")) return counting_metrics();
  if (cell.cell.role == Role::run && has("throughput_per_s") && !has("wall_ns"))
    return benchmark_metrics();
  return compared_metrics(cell.cell.role);
}

void refuse_where(const std::optional<std::string>& obstacle, Comparison& comparison) {
  if (!obstacle) return;
  comparison.verdict = Verdict::invalid;
  comparison.reason = obstacle;
}

constexpr std::string_view drift =
    "measured at different times: this much may be the machine; contend ab would tell";

Side side_of(const Result& result) {
  return {.name = result.run.id,
          .command = result.run.command,
          .sha256 = result.build.engine_binary_sha256};
}

ComparedCell compared_cell(const Stored& stored) {
  const Cell& cell = stored.base->cell;
  const auto slices = [](const CellResult& result) {
    return ComparedCell::Slices{.good = result.samples,
                                .failed = result.failed_samples,
                                .client_limited = result.client_limited_samples};
  };
  const auto& reason = stored.head->reason ? stored.head->reason : stored.base->reason;
  return {.id = cell.id(),
          .engine = cell.engine,
          .workload = cell.workload,
          .variant = cell.options.variant,
          .role = cell.role,
          .connections = cell.connections,
          .base = slices(*stored.base),
          .head = slices(*stored.head),
          .reason = reason};
}

AbRun run_of(const Result& base, const Result& head, bool interleaved, const Rules& rules) {
  return {.id = head.run.id + "-by-" + base.run.id,
          .suite = head.run.suite,
          .seed = head.run.seed,
          .interleaved = interleaved,
          .complete = base.run.complete && head.run.complete,
          .alpha = rules.alpha,
          .confidence = rules.confidence,
          .started_at = head.run.started_at,
          .finished_at = head.run.finished_at,
          .command = head.run.command};
}

}  // namespace

AbResult compare_stored(const Result& base, const Result& head, const Rules& rules) {
  const bool interleaved = are_sides_of_one_run(base, head);
  AbResult result{.run = run_of(base, head, interleaved, rules),
                  .machine = head.machine,
                  .harness = head.build,
                  .placement = head.placement,
                  .noise = head.noise,
                  .base = side_of(base),
                  .head = side_of(head),
                  .cells = {},
                  .comparisons = {}};
  std::vector<Evidence> evidence;
  std::vector<bool> drifted;
  for (const CellResult& cell : base.cells) {
    const std::string id = cell.cell.id();
    const auto other =
        std::ranges::find(head.cells, id, [](const CellResult& one) { return one.cell.id(); });
    if (other == head.cells.end()) continue;
    const Stored stored{.base = &cell,
                        .head = &*other,
                        .of_base = samples_of(base, id),
                        .of_head = samples_of(head, id)};
    result.cells.push_back(compared_cell(stored));
    const auto obstacle = why_not_comparable(base, head, stored);
    const std::vector<Pair> pairs = interleaved ? pairs_of(stored) : std::vector<Pair>{};
    for (const ComparedMetric& metric : metrics_of(cell)) {
      if (metric.is_exact) {
        result.comparisons.push_back(
            compare_exactly(id, metric, stored.of_base, stored.of_head, rules));
        refuse_where(obstacle, result.comparisons.back());
        continue;
      }
      evidence.push_back(interleaved ? evaluate(id, metric, pairs, rules)
                                     : weigh_unpaired(metric, stored, rules));
      drifted.push_back(!interleaved && metric.drifts);
      refuse_where(obstacle, evidence.back().comparison);
    }
  }
  if (evidence.empty() && result.comparisons.empty())
    throw std::invalid_argument(fmt::format("{} and {} have no cell in common that can be compared",
                                            base.run.id, head.run.id));
  classify(evidence, rules);
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    Comparison& comparison = evidence[i].comparison;
    if (drifted[i] && comparison.verdict != Verdict::invalid) {
      comparison.verdict = Verdict::inconclusive;
      comparison.reason = drift;
    }
    result.comparisons.push_back(std::move(comparison));
  }
  return result;
}

}  // namespace contend::ab
