// Medians, intervals and random order, without time passing.
#include "harness/stats/medians.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "harness/base/random.hpp"

namespace contend {
namespace {

TEST(Median, IsTheMiddle) {
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({9, 1, 5, 6}), 5.5);
  EXPECT_THROW(median({}), std::invalid_argument);
}

TEST(MedianBootstrap, GivesNoIntervalForFewerThanThree) {
  for (const std::size_t count : {1, 2}) {
    const Interval interval = MedianBootstrap(count).interval(std::vector<double>(count, 7.0));
    EXPECT_EQ(interval.median, 7);
    EXPECT_FALSE(interval.low || interval.high);
  }
  EXPECT_TRUE(MedianBootstrap(3).interval({1, 2, 3}).low);
}

TEST(MedianBootstrap, ContainsTheMedianAndStaysWithinTheValues) {
  std::mt19937_64 generator(3);
  for (std::size_t count = 3; count < 40; ++count) {
    const MedianBootstrap bootstrap(count);
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i)
      values.push_back(static_cast<double>(uniform_below(generator, 1000)));
    const Interval interval = bootstrap.interval(values);
    EXPECT_LE(*interval.low, interval.median);
    EXPECT_GE(*interval.high, interval.median);
    EXPECT_GE(*interval.low, *std::ranges::min_element(values));
    EXPECT_LE(*interval.high, *std::ranges::max_element(values));
  }
}

TEST(MedianBootstrap, IsTheSameForTheSameValuesInAnyOrder) {
  const std::vector<double> values{5, 1, 4, 2, 3, 9, 8};
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  EXPECT_EQ(MedianBootstrap(7).interval(values), MedianBootstrap(7).interval(sorted));
}

// For ten values the bootstrapped median is the mean of the 5th and 6th of ten draws. Its 2.5 %
// and 97.5 % quantiles, by 400,000 draws of another generator, lie at 3 and 8 of 1 to 10.
TEST(MedianBootstrap, FindsTheKnownQuantiles) {
  std::vector<double> values(10);
  std::iota(values.begin(), values.end(), 1.0);
  const Interval interval = MedianBootstrap(10).interval(values);
  EXPECT_EQ(interval.median, 5.5);
  EXPECT_NEAR(*interval.low, 3, 0.5);
  EXPECT_NEAR(*interval.high, 8, 0.5);
}

TEST(MedianBootstrap, CoversTheTrueMedianAboutAsOftenAsItClaims) {
  std::mt19937_64 generator(11);
  constexpr int series = 2000;
  const MedianBootstrap bootstrap(10);
  int covered = 0;
  for (int i = 0; i < series; ++i) {
    std::vector<double> values;
    for (int k = 0; k < 10; ++k)
      values.push_back(static_cast<double>(uniform_below(generator, 1'000'001)));
    const Interval interval = bootstrap.interval(values);
    if (*interval.low <= 500'000 && *interval.high >= 500'000) ++covered;
  }
  EXPECT_GT(covered, series * 90 / 100);
  EXPECT_LT(covered, series * 98 / 100);
}

TEST(MedianBootstrap, RefusesAnotherNumberOfValues) {
  EXPECT_THROW(MedianBootstrap(3).interval({1, 2}), std::invalid_argument);
}

TEST(Random, UniformBelowReachesEveryValueAboutEquallyOften) {
  std::mt19937_64 generator(1);
  std::vector<int> seen(7);
  for (int i = 0; i < 70'000; ++i) seen[uniform_below(generator, 7)] += 1;
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, ShuffleKeepsTheItemsAndIsTheSameForTheSameSeed) {
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  std::vector<int> once = items, again = items;
  std::mt19937_64 first(42), second(42);
  shuffle(std::span(once), first);
  shuffle(std::span(again), second);
  EXPECT_EQ(once, again);
  EXPECT_NE(once, items);
  std::ranges::sort(once);
  EXPECT_EQ(once, items);
}

}  // namespace
}  // namespace contend
