// Medians and their confidence intervals.
#include "harness/stats/medians.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/random.hpp"

namespace contend {
namespace {

/// The lower and the upper middle of `count` sorted values; the same where the count is odd.
std::pair<std::size_t, std::size_t> middle_of(std::size_t count) {
  return {(count - 1) / 2, count / 2};
}

/// How many of the resampled medians lie outside the interval, on each side: 2.5 %.
constexpr std::size_t outside = MedianBootstrap::resamples / 40;

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("no median of no values");
  std::ranges::sort(values);
  const auto [lower, upper] = middle_of(values.size());
  return (values[lower] + values[upper]) / 2;
}

MedianBootstrap::MedianBootstrap(std::size_t count, std::uint64_t seed) : count_(count) {
  if (count < min_for_interval) return;
  std::mt19937_64 generator(seed);
  std::vector<std::uint32_t> drawn(count);
  const auto [lower, upper] = middle_of(count);
  middles_.reserve(resamples);
  for (std::size_t i = 0; i < resamples; ++i) {
    for (std::uint32_t& rank : drawn)
      rank = static_cast<std::uint32_t>(uniform_below(generator, count));
    std::ranges::sort(drawn);
    middles_.emplace_back(drawn[lower], drawn[upper]);
  }
}

Interval MedianBootstrap::interval(std::vector<double> values) const {
  if (values.size() != count_)
    throw std::invalid_argument(
        fmt::format("a bootstrap of {} values was given {}", count_, values.size()));
  if (middles_.empty()) return {.median = median(std::move(values)), .low = {}, .high = {}};
  std::ranges::sort(values);
  std::vector<double> medians;
  medians.reserve(resamples);
  for (const auto& [lower, upper] : middles_)
    medians.push_back((values[lower] + values[upper]) / 2);
  std::ranges::sort(medians);
  return {.median = median(std::move(values)),
          .low = medians[outside - 1],
          .high = medians[resamples - outside]};
}

}  // namespace contend
