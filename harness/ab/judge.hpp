// From the slices of a cell to verdicts. It measures nothing, and knows no time.
//   Evidence evidence = evaluate(cell, metric, pairs, rules); classify(all, rules)
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/ab/metrics.hpp"
#include "harness/bench/sample.hpp"

namespace contend::ab {

/// One slice of each side, measured one right after the other. Borrowed.
struct Pair {
  const Sample* base = nullptr;
  const Sample* head = nullptr;
};

struct Rules {
  double alpha = 0.01;       ///< Of even one false alarm in the suite.
  double confidence = 0.95;  ///< Of each interval.
  /// A slice is noisy in which others used more than this share of the machine's CPUs.
  double max_foreign_cpu = 0.10;
  double max_steal = 0.10;
  SmallestEffects smallest_effects{};  ///< Of single metrics, in place of their own.
};

/// The metric's own, or the one that the rules have for it.
double smallest_effect_of(const ComparedMetric& metric, const Rules& rules);

/// Ratios that are as good as equal: a cost that is larger by the effect, or smaller by the same
/// factor, so that exchanging the two sides exchanges the verdicts.
struct Band {
  double low, high;
  explicit Band(double smallest_effect)
      : low(1 / (1 + smallest_effect)), high(1 + smallest_effect) {}
};

/// A comparison may be judged by no fewer pairs; the interval of confidence 0.95 takes as many.
inline constexpr std::size_t min_pairs = 6;
/// Where a larger share of the pairs had to be left out, what is left says nothing.
inline constexpr double max_excluded = 1.0 / 3;
/// One-sided, of the screen: what is below is in doubt, and to be measured again. Generous, so that
/// next to nothing that matters is missed.
inline constexpr double doubt_level = 0.05;

/// Others were at work while it was measured.
bool is_noisy(const Sample& sample, const Rules& rules);

/// What the pairs say of one metric, before its verdict.
struct Evidence {
  Comparison comparison;        ///< All but the verdict; invalid where nothing can be said.
  bool client_limited = false;  ///< The load was the limit in most slices, and takes part in it.
  bool held_up = false;         ///< Invalid, and for nothing but noise: more slices may mend it.
  bool follows_throughput = false;  ///< As the metric.
};

/// Hodges and Lehmann's estimate of the ratio of costs, its interval and the signed rank test's
/// p-values, of y = ln(cost of the head / cost of the base) of each pair (signed_rank.hpp). Left
/// out are pairs with a failed slice or one with errors, with a noisy slice, or without that
/// metric. Where too many are, or too few are left, the verdict is invalid.
Evidence evaluate(const std::string& cell, const ComparedMetric& metric,
                  std::span<const Pair> pairs, const Rules& rules);

/// Whether to measure it again: the evidence is on one side, and beyond what matters. Where it is,
/// it must be judged by slices that were not looked at before.
bool is_suspect(const Evidence& evidence);
/// Its interval lies within the band, or nothing better can come: more slices are of no use.
bool is_settled(const Evidence& evidence);

/// Gives each its verdict:
///   regressed     Holm's correction over all of them rejects "the head is no worse" at alpha, and
///                 the estimate is beyond the smallest effect
///   improved      likewise on the other side
///   unchanged     the interval lies within the band of the smallest effect on both sides
///   inconclusive  none of these; the reason says what is missing. Also the median and p90 of
///                 response times, where all of the interval of the cell's throughput says the
///                 opposite (ComparedMetric::follows_throughput)
/// What is invalid stays so, and counts in the correction.
void classify(std::span<Evidence> evidence, const Rules& rules);

}  // namespace contend::ab
