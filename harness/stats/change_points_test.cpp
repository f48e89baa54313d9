// Change points by formulas: against brute force, against values computed by hand, and in series
// whose changes are known. What they are worth on real noise is change_points_noise_test.cpp's.
#include "harness/stats/change_points.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "harness/base/random.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using contend::testing::complains;
using Values = std::vector<double>;

double uniform(std::mt19937_64& generator) {
  return static_cast<double>(generator() >> 11) * 0x1p-53;
}

/// Nearly normal: the sum of twelve uniforms.
double normal(std::mt19937_64& generator) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += uniform(generator);
  return sum;
}

TEST(Divergence, IsWhatItIsByHand) {
  // Between: 10 + 11 + 9 + 10 = 40, by 4, twice: 20. Within: 1 and 1. E = 18; times 4/4.
  EXPECT_DOUBLE_EQ(divergence(Values{0, 1}, Values{10, 11}), 18);
  // Between: 1 + 3 + 5 + 1 + 1 + 3 = 14, by 6, twice: 14/3. Within left 2; within right
  // (2 + 4 + 2)/3 = 8/3. E = 0, whatever the factor.
  EXPECT_NEAR(divergence(Values{0, 2}, Values{1, 3, 5}), 0, 1e-12);
  EXPECT_DOUBLE_EQ(divergence(Values{4, 4}, Values{4, 4}), 0);
  EXPECT_TRUE(complains([] { divergence(Values{1}, Values{1, 2}); }, "two values on each side"));
}

/// By the formula as it is written, with subsets of two chosen one by one.
double slow_divergence(const Values& all, std::size_t at) {
  double between = 0, left = 0, right = 0, left_pairs = 0, right_pairs = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = i + 1; k < all.size(); ++k) {
      const double distance = std::abs(all[i] - all[k]);
      if (k < at) {
        left += distance;
        ++left_pairs;
      } else if (i >= at) {
        right += distance;
        ++right_pairs;
      } else {
        between += distance;
      }
    }
  const auto m = static_cast<double>(at), n = static_cast<double>(all.size() - at);
  return m * n / (m + n) * (2 * between / (m * n) - left / left_pairs - right / right_pairs);
}

TEST(BestSplit, IsTheBestOfAll) {
  std::mt19937_64 generator(20261126);
  for (int i = 0; i < testing::random_cases(3000); ++i) {
    Values values(4 + uniform_below(generator, 12));
    // Few different values, so that there are ties too.
    for (double& value : values) value = static_cast<double>(uniform_below(generator, 7));
    double best = -INFINITY;
    for (std::size_t at = 2; at + 2 <= values.size(); ++at)
      best = std::max(best, slow_divergence(values, at));
    const auto found = best_split(values);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->divergence, best, 1e-9);
    EXPECT_NEAR(slow_divergence(values, found->at), best, 1e-9);
    const std::span<const double> all(values);
    EXPECT_NEAR(divergence(all.first(found->at), all.subspan(found->at)), best, 1e-9);
  }
  EXPECT_EQ(best_split(Values{1, 2, 3}), std::nullopt);
  EXPECT_EQ(best_split(Values{}), std::nullopt);
}

TEST(TTest, IsWhatItIsByHand) {
  // Means 1 and 4, squares 2 and 2, s^2 = 4/4 = 1, error sqrt(2/3): t = 3.674 with 4 degrees of
  // freedom. There P(|T| > t) = 1 - u (3 - u^2) / 2 with u = t / sqrt(4 + t^2).
  const TTest test = t_test(Values{0, 1, 2}, Values{3, 4, 5});
  const double t = 3 / std::sqrt(2.0 / 3), u = t / std::sqrt(4 + t * t);
  EXPECT_DOUBLE_EQ(test.difference, 3);
  EXPECT_NEAR(test.p, 1 - u * (3 - u * u) / 2, 1e-12);
  EXPECT_NEAR(test.p, 0.0213, 5e-5);
  // The table's t for 4 degrees of freedom and 99 %, 4.604.
  EXPECT_NEAR(test.half_width, 4.604 * std::sqrt(2.0 / 3), 1e-3);
}

TEST(TTest, FindsTheTablesValues) {
  // Two-sided 1 % for 10 degrees of freedom: 3.169. Six and six of variance 1.2 * 5/5...: the
  // values -1 and 1 have SS 6 a side, s^2 = 12/10, error sqrt(1.2/3).
  const double step = 3.169 * std::sqrt(0.4);
  const Values left{-1, 1, -1, 1, -1, 1};
  Values right = left;
  for (double& value : right) value += step;
  EXPECT_NEAR(t_test(left, right).p, 0.01, 1e-5);
  EXPECT_NEAR(t_test(right, left).p, 0.01, 1e-5);
}

TEST(TTest, HasAnAnswerWithoutAnyNoise) {
  EXPECT_EQ(t_test(Values{1, 1}, Values{1, 1}).p, 1);
  EXPECT_EQ(t_test(Values{1, 1}, Values{2, 2}).p, 0);
  EXPECT_EQ(t_test(Values{1}, Values{2, 2}).p, 0);
  EXPECT_TRUE(complains([] { t_test(Values{1}, Values{2}); }, "three values"));
  EXPECT_TRUE(complains([] { t_test(Values{}, Values{2, 2, 2}); }, "one on each side"));
}

/// Levels of so many points each, with noise of this standard deviation.
Values levels(const std::vector<std::pair<std::size_t, double>>& parts, double noise,
              std::uint64_t seed = 1) {
  std::mt19937_64 generator(seed);
  Values ratios;
  for (const auto& [count, level] : parts)
    for (std::size_t i = 0; i < count; ++i)
      ratios.push_back(level * std::exp(noise * normal(generator)));
  return ratios;
}

std::vector<std::size_t> indices(const Values& ratios, const ChangeRule& rule = {}) {
  std::vector<std::size_t> found;
  for (const Change& change : change_points(ratios, rule)) found.push_back(change.index);
  return found;
}

using Indices = std::vector<std::size_t>;

TEST(ChangePoints, AreWhereTheLevelChanged) {
  const Values ratios = levels({{20, 1}, {15, 1.1}, {20, 0.97}}, 0.005);
  const std::vector<Change> changes = change_points(ratios, {});
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].index, 20U);
  EXPECT_NEAR(changes[0].before, 1, 0.005);
  EXPECT_NEAR(changes[0].after, 1.1, 0.005);
  EXPECT_LT(changes[0].p, 1e-4);
  EXPECT_EQ(changes[1].index, 35U);
  EXPECT_NEAR(changes[1].before, 1.1, 0.005);
  EXPECT_NEAR(changes[1].after, 0.97, 0.005);
}

TEST(ChangePoints, AreFoundInLongSeriesOnce) {
  for (std::size_t at = 5; at < 395; at += 13) {
    const Indices found = indices(levels({{at, 1}, {400 - at, 1.08}}, 0.005, at));
    ASSERT_EQ(found.size(), 1U) << at;
    // A high point just before the step may pass for its first.
    EXPECT_NEAR(static_cast<double>(found[0]), static_cast<double>(at), 1);
  }
  EXPECT_EQ(indices(levels({{60, 1}, {60, 1.1}, {60, 1.2}, {60, 1.1}, {60, 1}}, 0.005)),
            (Indices{60, 120, 180, 240}));
}

TEST(ChangePoints, NeedTenCommits) {
  EXPECT_EQ(indices(levels({{5, 1}, {4, 1.5}}, 0.001)), Indices{});
  EXPECT_EQ(indices(levels({{5, 1}, {5, 1.5}}, 0.001)), Indices{5});
  EXPECT_EQ(indices({}), Indices{});
}

TEST(ChangePoints, AreOfTheMagnitudeThatMatters) {
  const Values small = levels({{30, 1}, {30, 1.03}}, 0.003);
  EXPECT_EQ(indices(small), Indices{});
  EXPECT_EQ(indices(small, {.p = 1e-4, .magnitude = 0.03}), Indices{30});
  EXPECT_EQ(indices(levels({{30, 1}, {30, 1 / 1.03}}, 0.003)), Indices{});
}

TEST(ChangePoints, OfExactlyThatMagnitudeAreFoundMostly) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed)
    found += indices(levels({{30, 1}, {10, 1.05}}, 0.01, seed)).empty() ? 0 : 1;
  EXPECT_GE(found, 285) << "the estimate alone would be below 5 % in half of them";
}

TEST(ChangePoints, DoNotNeedNoise) {
  EXPECT_EQ(indices(Values(60, 1.0)), Indices{});
  EXPECT_EQ(indices(levels({{30, 1}, {30, 1.06}}, 0)), Indices{30});
  EXPECT_EQ(indices(levels({{30, 1}, {2, 1.06}}, 0)), Indices{30});
}

TEST(ChangePoints, AreNoSinglePoints) {
  for (std::size_t at = 0; at < 60; ++at)
    for (const double spike : {0.7, 1.15, 3.0}) {
      Values ratios = levels({{60, 1}}, 0.005, at);
      ratios[at] *= spike;
      EXPECT_EQ(indices(ratios), Indices{}) << spike << " at " << at;
    }
}

TEST(ChangePoints, AreFoundBesideSinglePoints) {
  for (const std::size_t at : {3U, 20U, 28U, 29U, 30U, 31U, 45U, 59U}) {
    Values ratios = levels({{30, 1}, {30, 1.06}}, 0.003, at);
    ratios[at] *= 1.5;
    const Indices found = indices(ratios);
    ASSERT_EQ(found.size(), 1U) << at;
    // Where the odd one is the first of the step, the change begins with the next, and so for the
    // last before it.
    EXPECT_NEAR(static_cast<double>(found[0]), 30, 1) << at;
  }
}

TEST(ChangePoints, WaitForTheSecondCommitOfAStep) {
  EXPECT_EQ(indices(levels({{30, 1}, {1, 1.06}}, 0.003)), Indices{});
  EXPECT_EQ(indices(levels({{30, 1}, {2, 1.06}}, 0.003)), Indices{30});
}

TEST(ChangePoints, AreRefusedOfWhatIsNoRatio) {
  for (const double wrong : {0.0, -1.0, double(NAN), double(INFINITY)})
    EXPECT_TRUE(complains([&] { change_points(Values{1, wrong}, {}); }, "above 0 and finite"));
}

TEST(ChangePoints, HoldWhateverTheSeriesIs) {
  std::mt19937_64 generator(3);
  for (int i = 0; i < testing::random_cases(2000); ++i) {
    Values ratios(uniform_below(generator, 130));
    const std::uint64_t kind = uniform_below(generator, 4);
    double level = 1;
    for (double& ratio : ratios) {
      if (uniform_below(generator, 8) == 0) level = std::exp(normal(generator));
      ratio = kind == 0   ? level
              : kind == 1 ? std::exp(100 * normal(generator))
              : kind == 2 ? level * std::exp(0.01 * normal(generator))
                          : 1e-300 * (1 + static_cast<double>(uniform_below(generator, 3)));
    }
    std::size_t last = 1;
    for (const Change& change : change_points(ratios, {})) {
      EXPECT_GT(change.index, last);
      EXPECT_LT(change.index + 1, ratios.size());
      EXPECT_LE(change.p, 1e-4);
      EXPECT_GT(change.before, 0);
      EXPECT_GT(change.after, 0);
      last = change.index;
    }
  }
}

}  // namespace
}  // namespace contend
