// Comparing what is the same each time it is measured.
#include "harness/ab/exact.hpp"

#include <fmt/format.h>

#include "harness/ab/text.hpp"
#include "harness/base/table.hpp"

namespace contend::ab {
namespace {

constexpr std::size_t min_slices = 2;

/// What all slices of a side say, or why they say nothing.
struct Said {
  std::optional<double> value{};
  std::string why_not{};
};

Said said_by(const char* side, std::string_view metric, std::span<const Sample* const> slices) {
  std::optional<double> value;
  for (const Sample* const slice : slices) {
    if (slice->status != Sample::Status::ok)
      return {.why_not = fmt::format("{}: {}", side, slice->reason.value_or("failed"))};
    const auto found = slice->metrics.find(std::string(metric));
    if (found == slice->metrics.end() || !found->second || !(*found->second > 0))
      return {.why_not = fmt::format("{}: a slice lacks this metric", side)};
    if (value && *value != *found->second)
      return {.why_not =
                  fmt::format("{}: it is not the same each time, but {} and {}", side,
                              metric_text(metric, *value), metric_text(metric, *found->second))};
    value = found->second;
  }
  if (slices.size() < min_slices)
    return {.why_not = fmt::format("{}: it was not measured twice, so that nobody knows whether "
                                   "it is the same each time",
                                   side)};
  return {.value = value};
}

std::vector<const Sample*> borrowed(const std::vector<Sample>& slices) {
  std::vector<const Sample*> pointers;
  for (const Sample& slice : slices) pointers.push_back(&slice);
  return pointers;
}

}  // namespace

Comparison compare_exactly(const std::string& cell, const ComparedMetric& metric,
                           std::span<const Sample* const> base, std::span<const Sample* const> head,
                           const Rules& rules) {
  Comparison comparison{.cell = cell, .metric = std::string(metric.name)};
  comparison.smallest_effect = smallest_effect_of(metric, rules);
  const std::size_t pairs = std::min(base.size(), head.size());
  const Said before = said_by("base", metric.name, base),
             after = said_by("head", metric.name, head);
  comparison.base = before.value;
  comparison.head = after.value;
  if (!before.value || !after.value) {
    comparison.verdict = Verdict::invalid;
    comparison.reason = before.value ? after.why_not : before.why_not;
    comparison.excluded_pairs = pairs;
    return comparison;
  }
  comparison.pairs = pairs;
  const double ratio = cost_of(metric, *after.value) / cost_of(metric, *before.value);
  comparison.ratio = Ratio{.estimate = ratio, .low = ratio, .high = ratio};
  const Band band(comparison.smallest_effect);
  comparison.verdict = Verdict::unchanged;
  if (ratio > band.high) comparison.verdict = Verdict::regressed;
  if (ratio < band.low) comparison.verdict = Verdict::improved;
  return comparison;
}

Counts::Counts(std::vector<ScreenedCell> cells, std::uint64_t seed, Rules rules,
               MeasureSlice measure, Announce announce)
    : cells_(std::move(cells)),
      seed_(seed),
      rules_(std::move(rules)),
      measure_(std::move(measure)),
      announce_(std::move(announce)),
      measured_(cells_.size()) {}

void Counts::run() {
  std::size_t done = 0;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    unsigned place = 0;
    for (const Which side : order_in_block(seed_, cell, 0)) {
      announce_(done++, cells_.size() * slices_a_block, cell);
      Sample slice = measure_(side, cell, 0, place++);
      auto& slices = side == Which::base ? measured_[cell].base : measured_[cell].head;
      slices.push_back(std::move(slice));
    }
  }
}

std::vector<Comparison> Counts::comparisons() const {
  std::vector<Comparison> all;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell)
    for (const ComparedMetric& metric : cells_[cell].metrics)
      all.push_back(compare_exactly(cells_[cell].id, metric, borrowed(measured_[cell].base),
                                    borrowed(measured_[cell].head), rules_));
  return all;
}

}  // namespace contend::ab
