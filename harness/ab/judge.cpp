// From the slices of a cell to verdicts.
#include "harness/ab/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/stats/holm.hpp"
#include "harness/stats/signed_rank.hpp"

namespace contend::ab {
namespace {

/// What /proc/stat counts CPU time in (proc(5)), in ns: a share of a short slice may be off by
/// about as much, which must not pass for somebody else's work.
constexpr double tick_of_stat = 1e7;

bool is_good(const Sample& sample) {
  return sample.status == Sample::Status::ok && sample.errors.empty();
}

std::optional<double> value_of(const Sample& sample, std::string_view metric) {
  const auto found = sample.metrics.find(std::string(metric));
  return found == sample.metrics.end() ? std::nullopt : found->second;
}

/// The pairs of one metric, with those that can't be used counted by cause.
struct Usable {
  std::vector<double> log_ratios, base, head;
  std::size_t failed_base = 0, failed_head = 0, noisy = 0, lacking = 0, client_limited = 0;
  std::string failure;  ///< Of the newest failed slice.

  std::size_t excluded() const { return all - log_ratios.size(); }
  std::size_t all = 0;

  void take(const ComparedMetric& metric, const Pair& pair, const Rules& rules);
};

void Usable::take(const ComparedMetric& metric, const Pair& pair, const Rules& rules) {
  all += 1;
  for (const auto& [side, sample, count] :
       {std::tuple("base", pair.base, &failed_base), std::tuple("head", pair.head, &failed_head)}) {
    if (is_good(*sample)) continue;
    *count += 1;
    failure = fmt::format("{}: {}", side, sample->reason.value_or("wrong or missing replies"));
  }
  if (!is_good(*pair.base) || !is_good(*pair.head)) return;
  if (is_noisy(*pair.base, rules) || is_noisy(*pair.head, rules)) {
    noisy += 1;
    return;
  }
  const auto before = value_of(*pair.base, metric.name), after = value_of(*pair.head, metric.name);
  if (!before || !after || !(*before > 0) || !(*after > 0)) {
    lacking += 1;
    return;
  }
  client_limited += pair.base->client_limited || pair.head->client_limited ? 1 : 0;
  base.push_back(*before);
  head.push_back(*after);
  log_ratios.push_back(std::log(cost_of(metric, *after) / cost_of(metric, *before)));
}

/// Why nothing can be said; null where something can.
std::optional<std::string> why_invalid(const Usable& usable, const Rules& rules) {
  if (usable.all == 0) return "no pair of slices was measured";
  const auto too_many = max_excluded * static_cast<double>(usable.all);
  if (static_cast<double>(usable.excluded()) <= too_many) {
    if (usable.log_ratios.size() >= min_pairs) return std::nullopt;
    return fmt::format("{} pairs of slices are too few, {} is the least; give more time (--budget)",
                       usable.log_ratios.size(), min_pairs);
  }
  const std::size_t failed = usable.failed_base + usable.failed_head;
  if (failed >= usable.noisy && failed > 0)
    return fmt::format("{} slices of the base and {} of the head failed; the last: {}",
                       usable.failed_base, usable.failed_head, usable.failure);
  if (usable.noisy > 0)
    return fmt::format("in {} of {} pairs others used more than {:.0f} % of the CPUs", usable.noisy,
                       usable.all, rules.max_foreign_cpu * 100);
  return fmt::format("{} of {} pairs lack this metric", usable.lacking, usable.all);
}

bool beyond_the_band(const Comparison& comparison, bool worse) {
  const Band band(comparison.smallest_effect);
  const double ratio = comparison.ratio->estimate;
  return worse ? ratio > band.high : ratio < band.low;
}

bool within_the_band(const Comparison& comparison) {
  const Band band(comparison.smallest_effect);
  const Ratio& ratio = *comparison.ratio;
  return ratio.low && *ratio.low >= band.low && *ratio.high <= band.high;
}

/// Why it is none of the others, and what would help.
std::string why_inconclusive(const Evidence& evidence) {
  const Comparison& comparison = evidence.comparison;
  if (evidence.client_limited)
    return "the load was the limit, so that this says little of the engine";
  const Ratio& ratio = *comparison.ratio;
  if (!ratio.low) return "there are too few pairs for an interval; give more time (--budget)";
  const double percent = comparison.smallest_effect * 100;
  if (*ratio.low > 1 || *ratio.high < 1)
    return fmt::format(
        "it differs, but whether by more than {:.3g} % is open; more time (--budget) "
        "would tell",
        percent);
  return fmt::format("the interval reaches beyond {:.3g} %; more time (--budget) would narrow it",
                     percent);
}

/// Whether the cell's throughput says the opposite of a verdict on its response times.
bool contradicts(const Comparison& throughput, Verdict verdict) {
  if (throughput.verdict == Verdict::invalid || !throughput.ratio->low) return false;
  return (verdict == Verdict::regressed && *throughput.ratio->high < 1) ||
         (verdict == Verdict::improved && *throughput.ratio->low > 1);
}

/// Takes back the verdicts on response times that throughput contradicts: with two ends as busy as
/// each other, how they fall in with each other decides the median, and it may fall where the cost
/// rises (docs/statistics.md).
void take_back_contradicted(std::span<Evidence> evidence) {
  for (Evidence& one : evidence) {
    Comparison& comparison = one.comparison;
    if (!one.follows_throughput) continue;
    const auto throughput = std::ranges::find_if(evidence, [&](const Evidence& other) {
      return other.comparison.cell == comparison.cell &&
             other.comparison.metric == "throughput_per_s";
    });
    if (throughput == evidence.end() || !contradicts(throughput->comparison, comparison.verdict))
      continue;
    comparison.reason =
        comparison.verdict == Verdict::improved
            ? "throughput fell, so the mean response time rose: this percentile alone is no gain"
            : "throughput rose, so the mean response time fell: this percentile alone is no loss";
    comparison.verdict = Verdict::inconclusive;
  }
}

}  // namespace

double smallest_effect_of(const ComparedMetric& metric, const Rules& rules) {
  const auto given = rules.smallest_effects.find(metric.name);
  return given == rules.smallest_effects.end() ? metric.smallest_effect : given->second;
}

bool is_noisy(const Sample& sample, const Rules& rules) {
  const auto beyond = [&](const char* share, double most) {
    return value_of(sample, share).value_or(0) >
           most + tick_of_stat / static_cast<double>(sample.window_ns);
  };
  return beyond("foreign_cpu_share", rules.max_foreign_cpu) ||
         beyond("steal_share", rules.max_steal);
}

Evidence evaluate(const std::string& cell, const ComparedMetric& metric,
                  std::span<const Pair> pairs, const Rules& rules) {
  Usable usable;
  for (const Pair& pair : pairs) usable.take(metric, pair, rules);
  Evidence evidence;
  Comparison& comparison = evidence.comparison;
  comparison.cell = cell;
  comparison.metric = metric.name;
  comparison.smallest_effect = smallest_effect_of(metric, rules);
  comparison.pairs = usable.log_ratios.size();
  comparison.excluded_pairs = usable.excluded();
  if (!usable.log_ratios.empty()) {
    const Shift shift = shift_of(usable.log_ratios, rules.confidence);
    const SignedRankTest test = signed_rank_test(usable.log_ratios);
    comparison.ratio = Ratio{.estimate = std::exp(shift.estimate)};
    if (shift.low) comparison.ratio->low = std::exp(*shift.low);
    if (shift.high) comparison.ratio->high = std::exp(*shift.high);
    comparison.p_regressed = test.p_greater;
    comparison.p_improved = test.p_less;
    comparison.base = median(usable.base);
    comparison.head = median(usable.head);
  }
  comparison.reason = why_invalid(usable, rules);
  if (comparison.reason) comparison.verdict = Verdict::invalid;
  evidence.held_up = comparison.reason && usable.noisy > 0 && usable.noisy == usable.excluded();
  evidence.follows_throughput = metric.follows_throughput;
  evidence.client_limited =
      metric.needs_the_load && usable.client_limited * 2 > usable.log_ratios.size();
  return evidence;
}

bool is_suspect(const Evidence& evidence) {
  const Comparison& comparison = evidence.comparison;
  if (comparison.verdict == Verdict::invalid) return false;
  return (*comparison.p_regressed <= doubt_level && beyond_the_band(comparison, true)) ||
         (*comparison.p_improved <= doubt_level && beyond_the_band(comparison, false));
}

bool is_settled(const Evidence& evidence) {
  const Comparison& comparison = evidence.comparison;
  return evidence.client_limited ||
         (comparison.verdict != Verdict::invalid && within_the_band(comparison));
}

void classify(std::span<Evidence> evidence, const Rules& rules) {
  std::vector<double> regressed, improved;
  for (const Evidence& one : evidence) {
    const Comparison& comparison = one.comparison;
    const bool counts = comparison.verdict != Verdict::invalid;
    regressed.push_back(counts ? *comparison.p_regressed : 1);
    improved.push_back(counts ? *comparison.p_improved : 1);
  }
  regressed = holm_adjusted(regressed);
  improved = holm_adjusted(improved);
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    Comparison& comparison = evidence[i].comparison;
    if (comparison.verdict == Verdict::invalid) continue;
    if (regressed[i] <= rules.alpha && beyond_the_band(comparison, true)) {
      comparison.verdict = Verdict::regressed;
    } else if (improved[i] <= rules.alpha && beyond_the_band(comparison, false)) {
      comparison.verdict = Verdict::improved;
    } else if (within_the_band(comparison) && !evidence[i].client_limited) {
      comparison.verdict = Verdict::unchanged;
    } else {
      comparison.verdict = Verdict::inconclusive;
      comparison.reason = why_inconclusive(evidence[i]);
    }
  }
  take_back_contradicted(evidence);
}

}  // namespace contend::ab
