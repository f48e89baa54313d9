// Due times against what their rates say. No clock.
#include "harness/load/schedule/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "harness/load/load_testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

using load_testing::begin;

std::vector<Duration> all_of(const Schedule& schedule) {
  std::vector<Duration> due;
  for (DueTimes times(schedule, begin); times.next() != TimePoint::max(); times.take())
    due.push_back(times.next() - begin);
  return due;
}

/// How many are expected by `time`, by adding up small steps.
double expected_by(const Schedule& schedule, Duration time) {
  double sum = 0;
  Duration from{};
  for (const Stage& stage : schedule.stages) {
    constexpr int steps = 20'000;
    const Duration in_stage = std::clamp(time - from, Duration{}, stage.duration);
    const double step_s = seconds_of(in_stage) / steps;
    const double slope = (stage.to_per_s - stage.from_per_s) / seconds_of(stage.duration);
    for (int i = 0; i < steps; ++i) sum += (stage.from_per_s + slope * (i + 0.5) * step_s) * step_s;
    from += stage.duration;
  }
  return sum;
}

TEST(DueTimes, OfAConstantRateAreEven) {
  EXPECT_EQ(all_of(Schedule::constant(1000, 5ms)),
            (std::vector<Duration>{0ms, 1ms, 2ms, 3ms, 4ms}));
}

TEST(DueTimes, DoNotDriftFromTheirRate) {
  constexpr double rate = 333'333.3;
  DueTimes times(Schedule::constant(rate, 1h), begin);
  for (int i = 0; i < 10'000'000; ++i) times.take();
  EXPECT_NEAR(static_cast<double>((times.next() - begin).count()), 1e7 / rate * 1e9, 1);
}

TEST(DueTimes, OfALineGrowDenser) {
  const Schedule line{.stages = {{.duration = 10s, .from_per_s = 0, .to_per_s = 100}}};
  const std::vector<Duration> due = all_of(line);
  EXPECT_EQ(due.size(), 500U);
  EXPECT_EQ(line.expected(), 500);
  EXPECT_EQ(line.mean_rate_per_s(), 50);
  // The k-th at t where 5 t^2 = k.
  for (std::size_t k = 0; k < due.size(); ++k)
    EXPECT_NEAR(seconds_of(due[k]), std::sqrt(static_cast<double>(k) / 5), 1e-8);
}

/// Random stages, some of them pauses: the k-th request is due when k are expected.
TEST(DueTimes, AreWhereTheirNumberIsExpected) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    Schedule schedule;
    const auto rate = [&] { return random() % 4 == 0 ? 0.0 : static_cast<double>(random() % 500); };
    for (int left = 1 + static_cast<int>(random() % 4); left > 0; --left) {
      const double from = rate();
      schedule.stages.push_back({.duration = Duration(1 + random() % 2'000'000'000),
                                 .from_per_s = from,
                                 .to_per_s = random() % 2 == 0 ? from : rate()});
    }
    const std::vector<Duration> due = all_of(schedule);
    EXPECT_NEAR(static_cast<double>(due.size()), schedule.expected(), 1);
    EXPECT_TRUE(std::ranges::is_sorted(due));
    for (std::size_t k = 0; k < due.size(); k += 1 + due.size() / 7) {
      EXPECT_LE(due[k], schedule.duration());
      EXPECT_NEAR(expected_by(schedule, due[k]), static_cast<double>(k), 0.01);
    }
  }
}

/// Of a Poisson process the times between are exponentially distributed: mean and standard
/// deviation are both 1 / rate, and e^-1 of them are longer than the mean. Four standard errors are
/// allowed.
TEST(DueTimes, OfManyUsersAreAtExponentialDistances) {
  constexpr double rate = 1e4, count = 1e5, mean_ns = 1e9 / rate;
  Schedule schedule = Schedule::constant(rate, 1h);
  schedule.law = Law::poisson;
  schedule.seed = 5;
  DueTimes times(schedule, begin);
  double sum = 0, squares = 0, longer = 0;
  TimePoint before = begin;
  for (int i = 0; i < static_cast<int>(count); ++i, times.take()) {
    EXPECT_GE(times.next(), before);
    const auto between = static_cast<double>((times.next() - before).count());
    before = times.next();
    sum += between;
    squares += between * between;
    longer += between > mean_ns ? 1 : 0;
  }
  const double mean = sum / count, deviation = std::sqrt(squares / count - mean * mean);
  EXPECT_NEAR(mean / mean_ns, 1, 4 / std::sqrt(count));
  EXPECT_NEAR(deviation / mean_ns, 1, 4 * std::sqrt(2 / count));
  EXPECT_NEAR(longer / count, std::exp(-1), 4 * std::sqrt(0.233 / count));
}

TEST(DueTimes, OfManyUsersFollowARateThatChanges) {
  const Schedule schedule{.stages = {{.duration = 10s, .from_per_s = 0, .to_per_s = 8000},
                                     {.duration = 10s, .from_per_s = 0, .to_per_s = 0},
                                     {.duration = 10s, .from_per_s = 100, .to_per_s = 100}},
                          .law = Law::poisson,
                          .seed = 9};
  const std::vector<Duration> due = all_of(schedule);
  for (const auto& [time, expected] : {std::pair{5s, 10'000.0}, {10s, 40'000.0}, {30s, 41'000.0}}) {
    const auto count = std::ranges::count_if(due, [&](Duration at) { return at <= time; });
    EXPECT_NEAR(static_cast<double>(count), expected, 4 * std::sqrt(expected));
  }
  EXPECT_TRUE(std::ranges::none_of(due, [](Duration at) { return at > 10s && at < 20s; }));
}

TEST(DueTimes, RepeatThemselvesWithTheirSeed) {
  const auto first_of = [](std::uint64_t seed) {
    Schedule schedule = Schedule::constant(1, 1h);
    schedule.law = Law::poisson;
    schedule.seed = seed;
    return DueTimes(schedule, begin).next();
  };
  EXPECT_EQ(first_of(1), first_of(1));
  EXPECT_NE(first_of(1), first_of(2));
}

TEST(DueCount, IsOfWhatIsDue) {
  DueCount count(Schedule::constant(1000, 5ms), begin);
  EXPECT_EQ(count.by(begin - 1ns), 0U);
  EXPECT_EQ(count.by(begin), 1U);
  EXPECT_EQ(count.by(begin + 2ms), 3U);
  EXPECT_EQ(count.by(begin + 1h), 5U);
}

/// All times of all parts, in their order.
std::vector<Duration> all_parts_of(Schedule schedule, std::uint32_t parts) {
  std::vector<Duration> due;
  for (schedule.parts = parts; schedule.part < parts; ++schedule.part, ++schedule.seed)
    std::ranges::copy(all_of(schedule), std::back_inserter(due));
  std::ranges::sort(due);
  return due;
}

TEST(DueTimes, OfUniformPartsAreThoseOfTheWhole) {
  const Schedule schedule{.stages = {{.duration = 2s, .from_per_s = 0, .to_per_s = 500},
                                     {.duration = 1s, .from_per_s = 0, .to_per_s = 0},
                                     {.duration = 1s, .from_per_s = 100, .to_per_s = 100}}};
  for (const std::uint32_t parts : {1U, 2U, 3U, 7U, 1000U})
    EXPECT_EQ(all_parts_of(schedule, parts), all_of(schedule)) << parts;
}

/// The sum of independent Poisson processes is one of the sum of their rates.
TEST(DueTimes, OfPoissonPartsComeAtTheRateOfTheWhole) {
  Schedule schedule = Schedule::constant(10'000, 10s);
  schedule.law = Law::poisson;
  const std::vector<Duration> due = all_parts_of(schedule, 4);
  EXPECT_NEAR(static_cast<double>(due.size()), 1e5, 4 * std::sqrt(1e5));
  // Of exponential intervals a share of 1/e is longer than the mean one.
  std::size_t longer = 0;
  for (std::size_t k = 1; k < due.size(); ++k) longer += due[k] - due[k - 1] > 100us;
  EXPECT_NEAR(static_cast<double>(longer) / static_cast<double>(due.size()), std::exp(-1), 0.01);
}

}  // namespace
}  // namespace contend::load
