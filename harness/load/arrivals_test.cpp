// Schedules, and the queue of what is overdue. No clock.
#include "harness/load/arrivals.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

const TimePoint begin = TimePoint(1h);

TEST(Arrivals, AreDueAtTheirTimesWhoeverClaimsThem) {
  Arrivals arrivals({.rate_per_s = 1000}, begin, begin + 5ms);
  std::vector<Duration> due;
  while (arrivals.more()) due.push_back(arrivals.claim(begin) - begin);
  EXPECT_EQ(due, (std::vector<Duration>{0ms, 1ms, 2ms, 3ms, 4ms}));
  EXPECT_EQ(arrivals.most_waiting(), 1U) << "only the first was due at the beginning";
}

TEST(Arrivals, KeepTheirTimesHoweverLateTheyAreClaimed) {
  Arrivals arrivals({.rate_per_s = 1000}, begin, begin + 1s);
  EXPECT_FALSE(arrivals.has_due(begin - 1ns));
  EXPECT_TRUE(arrivals.has_due(begin));
  const TimePoint late = begin + 100ms;
  EXPECT_EQ(arrivals.waiting(late), 101U);
  for (int i = 0; i <= 100; ++i) EXPECT_EQ(arrivals.claim(late), begin + i * 1ms);
  EXPECT_EQ(arrivals.claim(late), begin + 101ms) << "the next one is still to come";
  EXPECT_FALSE(arrivals.has_due(begin + 101ms));
  EXPECT_TRUE(arrivals.has_due(begin + 102ms));
  EXPECT_EQ(arrivals.most_waiting(), 101U);
  EXPECT_EQ(arrivals.dropped(), 0U);
}

TEST(Arrivals, DoNotDriftFromTheirRate) {
  constexpr double rate = 333'333.3;
  Arrivals arrivals({.rate_per_s = rate}, begin, begin + 1h);
  TimePoint last{};
  for (int i = 0; i <= 10'000'000; ++i) last = arrivals.claim(begin);
  EXPECT_NEAR(static_cast<double>((last - begin).count()), 1e7 / rate * 1e9, 1);
}

TEST(Arrivals, AreDroppedAndCountedWhereTheQueueIsFull) {
  Arrivals arrivals({.rate_per_s = 1000, .queue_limit = 10}, begin, begin + 1s);
  EXPECT_EQ(arrivals.waiting(begin + 99ms), 10U);
  EXPECT_EQ(arrivals.dropped(), 90U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(arrivals.claim(begin + 99ms), begin + i * 1ms);
  EXPECT_EQ(arrivals.claim(begin + 99ms), begin + 100ms);
}

TEST(Arrivals, EndWithTheSchedule) {
  Arrivals arrivals({.rate_per_s = 10}, begin, begin + 1s);
  EXPECT_EQ(arrivals.waiting(begin + 1h), 10U);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(arrivals.more());
    arrivals.claim(begin + 1h);
  }
  EXPECT_FALSE(arrivals.more());
}

/// Of Poisson arrivals the times between are exponentially distributed: mean and standard deviation
/// are both 1 / rate, and e^-1 of them are longer than the mean. Four standard errors are allowed.
TEST(Arrivals, OfManyUsersComeAtExponentialTimes) {
  constexpr double rate = 1e4, count = 1e5, mean_ns = 1e9 / rate;
  Arrivals arrivals({.rate_per_s = rate, .law = Law::poisson, .seed = 5}, begin, begin + 1h);
  double sum = 0, squares = 0, longer = 0;
  TimePoint before = begin;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    const TimePoint due = arrivals.claim(begin);
    EXPECT_GE(due, before);
    const auto between = static_cast<double>((due - before).count());
    before = due;
    sum += between;
    squares += between * between;
    longer += between > mean_ns ? 1 : 0;
  }
  const double mean = sum / count, deviation = std::sqrt(squares / count - mean * mean);
  EXPECT_NEAR(mean / mean_ns, 1, 4 / std::sqrt(count));
  EXPECT_NEAR(deviation / mean_ns, 1, 4 * std::sqrt(2 / count));
  EXPECT_NEAR(longer / count, std::exp(-1), 4 * std::sqrt(0.233 / count));
}

TEST(Arrivals, RepeatThemselvesWithTheirSeed) {
  const auto first_of = [](std::uint64_t seed) {
    return Arrivals({.law = Law::poisson, .seed = seed}, begin, begin + 1h).claim(begin);
  };
  EXPECT_EQ(first_of(1), first_of(1));
  EXPECT_NE(first_of(1), first_of(2));
}

TEST(Arrivals, AreOneQueueForAllEvenWhereItIsLong) {
  Arrivals arrivals({.rate_per_s = 1e6}, begin, begin + 1s);
  TimePoint now = begin, expected = begin;
  for (int i = 0; i < 200'000; ++i) {
    now += 4us;  // four become due and one is claimed
    EXPECT_EQ(arrivals.claim(now), expected);
    expected += 1us;
  }
  EXPECT_EQ(arrivals.waiting(now), 600'001U);
}

}  // namespace
}  // namespace contend::load
