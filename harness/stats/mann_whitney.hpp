// The statistics of two samples that were not measured in pairs: the Mann-Whitney U test, and the
// Hodges-Lehmann estimate of the shift between the two with its interval.
//   mann_whitney(before, after, 0.95).p_greater
#pragma once

#include <cstddef>
#include <span>

#include "harness/stats/signed_rank.hpp"

namespace contend {

/// With no more than so many values on each side, and no two alike, the null distribution is exact;
/// else it is the normal approximation, with corrections for continuity and ties (Hollander, Wolfe
/// and Chicken, Nonparametric Statistical Methods, 3rd edition, 4.1).
inline constexpr std::size_t max_exact_a_side = 20;

struct TwoSamples {
  double p_greater = 1;  ///< One-sided: `after` is no larger than `before`.
  double p_less = 1;
  Shift shift;  ///< Of `after` against `before`.
};

/// H. Mann and D. Whitney, On a test of whether one of two random variables is stochastically
/// larger than the other, 1947. The shift is the median of all differences, its interval those of
/// them that the test would not reject (Hodges and Lehmann 1963; Hollander, Wolfe and Chicken, 4.2
/// and 4.3). At least one value on each side, all finite, else std::invalid_argument.
TwoSamples mann_whitney(std::span<const double> before, std::span<const double> after,
                        double confidence);

}  // namespace contend
