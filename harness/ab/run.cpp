// A comparison from its options to its folder.
#include "harness/ab/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/ab/progress.hpp"
#include "harness/ab/recording.hpp"
#include "harness/child.hpp"
#include "harness/interruption.hpp"
#include "harness/noise.hpp"
#include "harness/programs.hpp"
#include "harness/suite_run.hpp"

namespace contend::ab {
namespace {

Rules rules_of(const AbOptions& options) {
  return {.alpha = options.alpha_percent / 100,
          .most_foreign_cpu = options.noise_percent / 100,
          .most_steal = options.noise_percent / 100,
          .smallest_effects = parse_smallest_effects(options.smallest_effects)};
}

std::vector<ScreenedCell> screened_cells(const std::vector<Cell>& cells,
                                         const std::vector<std::string>& metrics) {
  for (const std::string& metric : metrics) compared_metric(metric);  // or throws
  std::vector<ScreenedCell> screened;
  for (const Cell& cell : cells) {
    screened.push_back({.id = cell.id(), .metrics = {}});
    for (const ComparedMetric& metric : compared_metrics(cell.role))
      if (metrics.empty() || std::ranges::find(metrics, metric.name) != metrics.end())
        screened.back().metrics.push_back(metric);
  }
  return screened;
}

/// At most half of the budget, so that what is in doubt can be measured again.
Duration screen_of(const AbOptions& options, std::size_t cells) {
  if (options.screen_only) return options.budget;
  return std::min(options.screen * static_cast<std::int64_t>(cells), options.budget / 2);
}

std::vector<Comparison> comparisons_of(std::vector<Evidence> evidence) {
  std::vector<Comparison> comparisons;
  for (Evidence& one : evidence) comparisons.push_back(std::move(one.comparison));
  return comparisons;
}

/// Nobody should take it for a verdict that nothing worked.
void check_side(const AbResult& result, const Side& side,
                ComparedCell::Slices ComparedCell::*slices) {
  const ComparedCell* failed = nullptr;
  for (const ComparedCell& cell : result.cells) {
    if ((cell.*slices).good > 0) return;
    if (cell.reason) failed = &cell;
  }
  throw BrokenRun(fmt::format(
      "no slice of {} was good; {}", side.name,
      failed == nullptr ? std::string("none was measured") : failed->id + ": " + *failed->reason));
}

/// The two hosts, asked, with the cells that both have.
struct Sides {
  MeasuredSide base, head;
};

Sides ask_sides(const AbOptions& options, const Suite& suite, const Programs& programs,
                const Guard& guard, const StopToken& stop) {
  Sides sides{.base = ask_side(guard, options.base, options.base_name, stop),
              .head = ask_side(guard, options.head.empty() ? programs.origin : options.head,
                               options.head_name, stop)};
  for (const std::string& told :
       match_cells(suite, options.selection, options.slice, sides.base, sides.head))
    fmt::print(stderr, "note: {}\n", told);
  if (sides.base.cells.empty())
    throw std::invalid_argument(fmt::format(
        "the two have no cell of the suite {} in common that can be compared here", suite.name));
  return sides;
}

}  // namespace

AbRunOutcome run_ab(const AbOptions& options, const std::vector<std::string>& command) {
  const Rules rules = rules_of(options);
  const Suite suite = load_suite(options.suite);
  const Interruption interruption;
  const StopToken stop = interruption.token();
  const Guard guard;
  const Programs programs = find_programs({}, {});
  const Sides sides = ask_sides(options, suite, programs, guard, stop);

  Recording recording(options.out,
                      {.id = {},
                       .suite = suite.name,
                       .seed = options.seed ? *options.seed : fresh_seed(),
                       .slice = options.slice,
                       .budget = options.budget,
                       .alpha = rules.alpha,
                       .confidence = rules.confidence,
                       .started_at = time_of_day(),
                       .command = command},
                      sides.base, sides.head, sha256_of(guard, programs.origin, stop));
  const auto measure_one = [&](Which which, std::size_t cell, unsigned block, unsigned place) {
    const MeasuredSide& side = which == Which::base ? sides.base : sides.head;
    Sample slice = measure_slice({.guard = guard,
                                  .host = side.host,
                                  .origin = programs.origin,
                                  .load = programs.harness,
                                  .placement = recording.placement(),
                                  .stop = stop},
                                 side.cells[cell]);
    slice.round = block;
    slice.order = place;
    recording.add(which, slice);
    return slice;
  };
  const std::vector<ScreenedCell> cells = screened_cells(sides.base.cells, options.metrics);
  AbProgress progress(cells, stderr);
  progress.announce(recording.run(), sides.base.side, sides.head.side, recording.folder());
  Slices slices(cells,
                {.seed = recording.run().seed,
                 .budget = options.budget,
                 .screen = screen_of(options, cells.size()),
                 .rules = rules},
                measure_one, Clock::now, [&](Slices::Stage stage, std::size_t cell, Duration left) {
                  progress.show(stage, cell, left);
                });

  AbRunOutcome outcome;
  const CpuReading before = read_cpu();
  try {
    slices.run();
  } catch (const Interrupted&) {
    outcome.interrupted = true;
  }
  progress.end();
  outcome.folder = recording.folder();
  outcome.result = recording.write(!outcome.interrupted, comparisons_of(slices.evidence()),
                                   noise_between(before, read_cpu()), rules);
  if (!outcome.interrupted) {
    check_side(outcome.result, outcome.result.base, &ComparedCell::base);
    check_side(outcome.result, outcome.result.head, &ComparedCell::head);
  }
  return outcome;
}

}  // namespace contend::ab
