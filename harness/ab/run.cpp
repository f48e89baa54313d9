// A comparison from its options to its folder.
#include "harness/ab/run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "harness/ab/broken_run.hpp"
#include "harness/ab/exact.hpp"
#include "harness/ab/progress.hpp"
#include "harness/ab/recording.hpp"
#include "harness/ab/subjects.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/text.hpp"
#include "harness/bench/suite_run.hpp"
#include "harness/machine/noise.hpp"
#include "harness/process/child.hpp"
#include "harness/process/programs.hpp"

namespace contend::ab {
namespace {

Rules rules_of(const AbOptions& options) {
  return {.alpha = options.alpha_percent / 100,
          .max_foreign_cpu = options.noise_percent / 100,
          .max_steal = options.noise_percent / 100,
          .smallest_effects = parse_smallest_effects(options.smallest_effects)};
}

/// The cells, with what is to be compared of each.
std::vector<ScreenedCell> selected(std::vector<ScreenedCell> cells,
                                   const std::vector<std::string>& metrics) {
  if (metrics.empty()) return cells;
  for (const std::string& metric : metrics) compared_metric(metric);  // or throws
  bool any = false;
  for (ScreenedCell& cell : cells) {
    std::erase_if(cell.metrics, [&](const ComparedMetric& metric) {
      return std::ranges::find(metrics, metric.name) == metrics.end();
    });
    any = any || !cell.metrics.empty();
  }
  if (!any)
    throw std::invalid_argument(
        fmt::format("nothing that is measured here has the metric {}", fmt::join(metrics, ", ")));
  return cells;
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

/// Measures all, as far as it is not interrupted.
template <typename Measuring>
bool is_interrupted(Measuring& measuring) {
  try {
    measuring.run();
  } catch (const Interrupted&) {
    return true;
  }
  return false;
}

/// By one block of each cell, since more would say the same.
std::vector<Comparison> compare_counts(const std::vector<ScreenedCell>& cells,
                                       const MeasureSlice& measure, const AbRun& run,
                                       const Rules& rules, AbProgress& progress,
                                       bool& interrupted) {
  Counts counts(cells, run.seed, rules, measure,
                [&](std::size_t done, std::size_t all, std::size_t cell) {
                  progress.count(done, all, cell);
                });
  interrupted = is_interrupted(counts);
  return counts.comparisons();
}

/// By as many slices as the budget has room for.
std::vector<Comparison> compare_slices(const std::vector<ScreenedCell>& cells,
                                       const MeasureSlice& measure, const AbRun& run,
                                       Duration screen, const Rules& rules, AbProgress& progress,
                                       bool& interrupted) {
  Slices slices(cells, {.seed = run.seed, .budget = run.budget, .screen = screen, .rules = rules},
                measure, Clock::now, [&](Slices::Stage stage, std::size_t cell, Duration left) {
                  progress.show(stage, cell, left);
                });
  interrupted = is_interrupted(slices);
  return comparisons_of(slices.evidence());
}

/// Nothing bounds the time of what is exact.
AbRun run_of(const AbOptions& options, const Subject& subject, const Rules& rules,
             const std::vector<std::string>& command) {
  return {.id = {},
          .suite = subject.suite,
          .seed = options.seed ? *options.seed : fresh_seed(),
          .slice = subject.is_exact ? Duration{} : options.slice,
          .budget = subject.is_exact ? Duration{} : options.budget,
          .alpha = rules.alpha,
          .confidence = rules.confidence,
          .started_at = time_of_day(),
          .command = command};
}

}  // namespace

AbRunOutcome run_ab(const AbOptions& options, const std::vector<std::string>& command) {
  const Rules rules = rules_of(options);
  const Interruption interruption;
  const Guard guard;
  const Programs programs = find_programs({}, {});
  const Setting setting{.guard = guard, .programs = programs, .stop = interruption.token()};
  const Subject subject = subject_of(options, setting);
  for (const std::string& told : subject.left_out)
    fmt::print(stderr, "note: {}\n", terminal_text(told));
  const std::vector<ScreenedCell> cells = selected(subject.cells, options.metrics);

  Recording recording(options.out, run_of(options, subject, rules, command), subject.base,
                      subject.head, sha256_of(guard, programs.origin, setting.stop));
  const auto measure_one = [&](Which which, std::size_t cell, unsigned block, unsigned place) {
    const MeasuredSide& side = which == Which::base ? subject.base : subject.head;
    Sample slice = subject.measure(side, cell, recording.placement());
    slice.round = block;
    slice.order = place;
    recording.add(which, slice);
    return slice;
  };
  AbProgress progress(cells, stderr);
  progress.announce(recording.run(), subject.base.side, subject.head.side, recording.folder());

  AbRunOutcome outcome{.result = {}, .folder = recording.folder()};
  const CpuReading before = read_cpu();
  std::vector<Comparison> comparisons =
      subject.is_exact
          ? compare_counts(cells, measure_one, recording.run(), rules, progress,
                           outcome.interrupted)
          : compare_slices(cells, measure_one, recording.run(), screen_of(options, cells.size()),
                           rules, progress, outcome.interrupted);
  progress.end();
  outcome.result = recording.write(!outcome.interrupted, std::move(comparisons),
                                   noise_between(before, read_cpu()), rules);
  if (!outcome.interrupted) {
    check_side(outcome.result, outcome.result.base, &ComparedCell::base);
    check_side(outcome.result, outcome.result.head, &ComparedCell::head);
  }
  return outcome;
}

}  // namespace contend::ab
