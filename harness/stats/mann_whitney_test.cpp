// The Mann-Whitney test and its shift, against a published example and all divisions of small
// samples.
#include "harness/stats/mann_whitney.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "harness/base/random.hpp"

namespace contend {
namespace {

// Hollander, Wolfe and Chicken, example 4.1: water transfer in placental membrane at term, and at
// 12 to 26 weeks (S. Lloyd and others, 1969): P = .1272 of the one-sided alternative that it is
// smaller, the estimate is -.305 and the 96 % interval reaches from -.76 to .15.
TEST(MannWhitney, IsThatOfThePublishedExample) {
  const std::vector<double> term{.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46},
      early{1.15, .88, .90, .74, 1.21};
  const TwoSamples found = mann_whitney(term, early, .96);
  EXPECT_NEAR(found.p_less, .1272, .0001);
  EXPECT_NEAR(found.shift.estimate, -.305, 1e-9);
  EXPECT_NEAR(*found.shift.low, -.76, 1e-9);
  EXPECT_NEAR(*found.shift.high, .15, 1e-9);
}

/// P(U >= u) by all ways to choose which of the values are the second sample.
double by_all_divisions(const std::vector<double>& before, const std::vector<double>& after) {
  std::vector<double> all = before;
  all.insert(all.end(), after.begin(), after.end());
  const auto u_of = [&](unsigned chosen) {
    int u = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j < all.size(); ++j)
        if ((chosen >> i & 1U) != 0 && (chosen >> j & 1U) == 0 && all[i] > all[j]) u += 1;
    return u;
  };
  const unsigned second = ((1U << after.size()) - 1) << before.size();
  unsigned ways = 0, as_large = 0;
  for (unsigned chosen = 0; chosen < 1U << all.size(); ++chosen) {
    if (std::popcount(chosen) != static_cast<int>(after.size())) continue;
    ways += 1;
    as_large += u_of(chosen) >= u_of(second) ? 1 : 0;
  }
  return static_cast<double>(as_large) / ways;
}

TEST(MannWhitney, IsThatOfAllDivisions) {
  std::mt19937_64 generator(1);
  for (int run = 0; run < 60; ++run) {
    std::vector<double> before(1 + uniform_below(generator, 5)),
        after(1 + uniform_below(generator, 5));
    for (double& value : before) value = std::generate_canonical<double, 53>(generator);
    for (double& value : after) value = 0.2 + std::generate_canonical<double, 53>(generator);
    EXPECT_NEAR(mann_whitney(before, after, .9).p_greater, by_all_divisions(before, after), 1e-12);
    EXPECT_NEAR(mann_whitney(before, after, .9).p_greater, mann_whitney(after, before, .9).p_less,
                1e-12);
  }
}

TEST(MannWhitney, IsHardlyOtherwiseWhereTheApproximationBegins) {
  std::mt19937_64 generator(2);
  std::normal_distribution<double> noise(0, 1);
  std::vector<double> before, after;
  for (std::size_t i = 0; i < max_exact_a_side; ++i) {
    before.push_back(noise(generator));
    after.push_back(0.8 + noise(generator));
  }
  const TwoSamples exact = mann_whitney(before, after, .95);
  after.push_back(0.8);
  const TwoSamples approximate = mann_whitney(before, after, .95);
  EXPECT_NEAR(exact.p_greater, approximate.p_greater, exact.p_greater / 2);
  EXPECT_NEAR(*exact.shift.low, *approximate.shift.low, 0.15);
}

TEST(MannWhitney, TakesEqualValues) {
  const std::vector<double> same(12, 3.0), more(12, 4.0);
  const TwoSamples equal = mann_whitney(same, same, .95), different = mann_whitney(same, more, .95);
  EXPECT_GE(equal.p_greater, 0.5);
  EXPECT_EQ(equal.shift.estimate, 0);
  EXPECT_LT(different.p_greater, 1e-5);
  EXPECT_EQ(*different.shift.low, 1);
  EXPECT_EQ(*different.shift.high, 1);
}

TEST(MannWhitney, RefusesWhatIsNoSample) {
  const std::vector<double> one{1}, none, broken{std::numeric_limits<double>::infinity()};
  EXPECT_THROW(mann_whitney(one, none, .95), std::invalid_argument);
  EXPECT_THROW(mann_whitney(broken, one, .95), std::invalid_argument);
  EXPECT_FALSE(mann_whitney(one, one, .95).shift.low);
}

}  // namespace
}  // namespace contend
