// The statistics of paired differences: Wilcoxon's signed rank test, and the Hodges-Lehmann
// estimate of the shift with the interval that belongs to that test. They know nothing of
// benchmarks.
//   signed_rank_test(differences).p_greater      shift_of(differences, 0.95).estimate
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace contend {

/// Up to so many differences the null distribution is exact; beyond, it is the normal approximation
/// with continuity correction (M. Hollander, D. Wolfe and E. Chicken, Nonparametric Statistical
/// Methods, 3rd edition, 3.1), which is off by less than 1 % of a p-value of 1e-4 there.
inline constexpr std::size_t max_exact = 200;

/// The signed rank statistic under the null hypothesis, that each difference is as likely to have
/// one sign as the other, for differences without ties.
class SignedRankDistribution {
 public:
  /// Of 1 to `max_exact` differences, else std::invalid_argument.
  explicit SignedRankDistribution(std::size_t count);
  /// The same for all who ask for this number; made when it is first asked for. Thread-safe.
  static const SignedRankDistribution& of(std::size_t count);

  std::size_t count() const { return count_; }
  /// P(W <= w); 0 below 0 and 1 from count (count + 1) / 2 on.
  double at_most(double w) const;

 private:
  std::size_t count_;
  std::vector<double> cumulative_;
};

struct SignedRankTest {
  std::size_t used = 0;  ///< Differences that are not 0; where there are none, both p are 1.
  double statistic = 0;  ///< The sum of the ranks of the positive ones.
  double p_greater = 1;  ///< One-sided: the differences' centre is not above 0.
  double p_less = 1;     ///< Likewise below.
};

/// F. Wilcoxon, Individual comparisons by ranking methods, 1945. Differences of 0 are left out, as
/// Wilcoxon does; equal ones share the mean of their ranks, and the null distribution is then the
/// exact conditional one (B. Streitberg and J. Röhmel, Exact distributions for permutation and rank
/// tests, 1986). Infinite and undefined differences are std::invalid_argument.
SignedRankTest signed_rank_test(std::span<const double> differences);

struct Shift {
  double estimate = 0;
  /// Absent where there are too few differences for an interval of that confidence.
  std::optional<double> low{}, high{};
};

/// The median of all means of two differences, each with itself too (the Walsh averages), and as
/// interval those of them that the test would not reject (J. Hodges and E. Lehmann, Estimates of
/// location based on rank tests, 1963; Hollander, Wolfe and Chicken, 3.2 and 3.3): from the
/// (k+1)-th to the (k+1)-th from the end, k the largest with P(W <= k) <= (1 - confidence) / 2.
/// With ties it covers at least as often as it says. At least one difference, and a confidence
/// between 0 and 1, else std::invalid_argument. Takes time and memory in proportion to the square
/// of their number.
Shift shift_of(std::span<const double> differences, double confidence);

}  // namespace contend
