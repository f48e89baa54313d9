// Two ways to do the same, timed alternately: for differences of nanoseconds on a machine that
// drifts by a quarter. Not a benchmark library: it knows one figure a run.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace contend {

/// The median of `values` and its 95 % confidence interval by order statistics (binomial, normal
/// approximation; Conover, Practical Nonparametric Statistics, 3.2). At least one value.
inline nlohmann::json median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const auto count = static_cast<double>(values.size());
  const double spread = 1.96 * std::sqrt(count) / 2;
  const auto at = [&](double rank) {
    return values[static_cast<std::size_t>(std::clamp(rank, 0.0, count - 1))];
  };
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {{"median", median},
          {"low", at(std::floor(count / 2 - spread))},
          {"high", at(std::ceil(count / 2 + spread))}};
}

/// Runs both `pairs` times in the order ABBA, each giving nanoseconds per operation; after one
/// discarded run of each.
inline nlohmann::json compare_pairs(std::size_t pairs, const std::function<double()>& engine,
                                    const std::function<double()>& raw) {
  std::vector<double> engine_ns, raw_ns, differences;
  engine();
  raw();
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    double a = 0, b = 0;
    if (pair % 2 == 0) a = engine();
    b = raw();
    if (pair % 2 == 1) a = engine();
    engine_ns.push_back(a);
    raw_ns.push_back(b);
    differences.push_back(a - b);
  }
  return {{"pairs", pairs},
          {"engine_ns", median_of(engine_ns)},
          {"raw_ns", median_of(raw_ns)},
          {"difference_ns", median_of(differences)}};
}

}  // namespace contend
