// Where a series of ratios changed its level: E-divisive with a t test. Formulas only; it knows
// neither commits nor files.
//   change_points(std::vector<double>{1, 1.01, 0.99, ..., 1.06, 1.05}, {})
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace contend {

/// A series with fewer points is not looked at: a t test of so few says little.
inline constexpr std::size_t min_commits = 10;
/// A change has two points at least on each side.
inline constexpr std::size_t min_segment = 2;
/// Points that are looked at together. In a longer stretch old levels hide what is new, and each
/// new point might move changes that were found long ago (arXiv 2301.03034, section 3.2).
inline constexpr std::size_t window_points = 50;

/// What a single point is held against, on each side.
inline constexpr std::size_t neighbours = 8;

struct ChangeRule {
  double p = 1e-4;          ///< Above 0, below 1: how unlikely a change must be by chance.
  double magnitude = 0.05;  ///< A share, at least 0: less of a change is none.
};

struct Change {
  std::size_t index = 0;         ///< Of the first point after it.
  double before = 1, after = 1;  ///< Geometric means of the points up to the neighbouring changes.
  double p = 1;                  ///< Of the t test between them.
};

/// Changes of level in `ratios` (all above 0 and finite; else std::invalid_argument), by index.
/// None in fewer than `min_commits`.
///
/// x = ln ratio. Windows of `window_points` that overlap by half are split hierarchically where the
/// divergence of both sides (`divergence`) is greatest, as long as a two-sided t test gives less
/// than ten times `rule.p`: E-divisive (D. Matteson and N. James, A Nonparametric Approach for
/// Multiple Change Point Analysis of Multivariate Data, 2014, arXiv 1306.4933), with a t test in
/// place of its permutation test, and with windows and weak changes that are merged afterwards, as
/// M. Fleming et al., Hunter, 2023, arXiv 2301.03034, section 3, found them to be needed for
/// benchmarks. Then the weakest change is dropped and its neighbours judged anew, until all have a
/// p of at most `rule.p` and a magnitude that may be `rule.magnitude`: the upper end of the step's
/// 99 % interval reaches ln(1 + magnitude). A step of exactly that size is estimated below it half
/// of the time, so that its estimate alone would not do.
///
/// Single points are dropped first: a point that differs from those before it and from those after
/// it, `neighbours` at most on each side, to the same side and with a p of at most `rule.p`, is
/// taken out of the series, the least likely first, until there is none. So a single odd commit is
/// no change, nor is the first commit of a step, until the second one is there.
///
/// How good it is on recorded noise (recorded_noise.txt: 108 pairs of rounds of fib and echo on two
/// cores; change_points_noise_test.cpp makes commits of such pairs as contend ab does, and prints
/// these figures anew): ratios of 40 pairs, a screen of 20 s, deviate by 0.3 to 0.9 %. Of 3,000
/// steady series of 60 such commits none had a change. A step of 5 % after 30 commits was found by
/// its second commit in 97 to 99 % of the series, by its fourth in 98 to 99 %. With half as many
/// pairs, up to 0.6 % of the steady series had a false change, with a quarter up to 2.8 %: what
/// disturbs the machine for seconds is a commit's whole ratio then, and two such side by side look
/// like a change.
std::vector<Change> change_points(std::span<const double> ratios, const ChangeRule& rule);

/// mn/(m+n) times the sample energy distance with exponent 1, for m and n values, each at least 2:
///   E = 2/(mn) sum |x_i - y_j| - 1/C(m,2) sum_{i<k} |x_i - x_k| - 1/C(n,2) sum_{j<k} |y_j - y_k|
/// (arXiv 1306.4933, equations 5 and 6). Throws std::invalid_argument for fewer.
double divergence(std::span<const double> left, std::span<const double> right);

struct Split {
  std::size_t at = 0;  ///< The first index of the right side.
  double divergence = 0;
};
/// The first split of greatest divergence with `min_segment` or more on each side; none where
/// there are too few values. Quadratic in their number.
std::optional<Split> best_split(std::span<const double> values);

struct TTest {
  double difference = 0;  ///< Mean of the right by that of the left side.
  double p = 1;           ///< Two-sided.
  double half_width = 0;  ///< The difference's 99 % interval reaches so far to each side.
};
/// Student's t test of two independent samples with one variance (W. S. Gosset, The Probable Error
/// of a Mean, 1908; R. A. Fisher, 1925):
///   t = d / sqrt(s^2 (1/m + 1/n)),  s^2 = (SS_left + SS_right) / (m + n - 2)
/// Where s is 0, p is 1 without a difference and 0 with one. Throws std::invalid_argument for fewer
/// than three values or an empty side.
TTest t_test(std::span<const double> left, std::span<const double> right);

}  // namespace contend
