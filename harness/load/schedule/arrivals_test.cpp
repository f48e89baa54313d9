// The queue of what is overdue. No clock.
#include "harness/load/schedule/arrivals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "harness/load/load_testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

using load_testing::begin;

TEST(Arrivals, AreDueAtTheirTimesWhoeverClaimsThem) {
  Arrivals arrivals(Schedule::constant(1000, 5ms), begin);
  std::vector<Duration> due;
  for (TimePoint next; (next = arrivals.claim(begin)) != TimePoint::max();)
    due.push_back(next - begin);
  EXPECT_EQ(due, (std::vector<Duration>{0ms, 1ms, 2ms, 3ms, 4ms}));
  EXPECT_EQ(arrivals.max_waiting(), 1U) << "only the first was due at the beginning";
  EXPECT_EQ(arrivals.claim(begin), TimePoint::max());
}

TEST(Arrivals, KnowHowLongTheyHaveWaited) {
  Arrivals arrivals(Schedule::constant(1000, 1s), begin);
  EXPECT_EQ(arrivals.waiting(begin + 100ms).size(), 101U);
  EXPECT_EQ(arrivals.waiting(begin + 100ms)[10], begin + 10ms);
  arrivals.claim(begin + 100ms);
  EXPECT_EQ(arrivals.waiting(begin + 100ms)[10], begin + 11ms);
}

/// As if they had never been claimed, whether they are due by now or not.
TEST(Arrivals, AreClaimedAgainInTheirOrderWhenTheyComeBack) {
  Arrivals arrivals(Schedule::constant(1000, 1s), begin);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(arrivals.claim(begin), begin + i * 1ms);
  for (const int i : {4, 1, 3}) arrivals.give_back(begin + i * 1ms);
  EXPECT_EQ(arrivals.waiting(begin), std::vector<TimePoint>{});
  EXPECT_EQ(arrivals.waiting(begin + 3ms), (std::vector{begin + 1ms, begin + 3ms}));
  EXPECT_EQ(arrivals.claim_due(begin), std::nullopt);
  EXPECT_EQ(arrivals.claim_due(begin + 1ms), begin + 1ms);
  EXPECT_EQ(arrivals.claim(begin + 1ms), begin + 3ms);
  // 6 to 8 ms queue meanwhile.
  for (const int i : {4, 6, 7}) EXPECT_EQ(arrivals.claim(begin + 8ms), begin + i * 1ms);
  arrivals.give_back(begin + 7ms);
  for (const int i : {7, 8, 9}) EXPECT_EQ(arrivals.claim(begin + 8ms), begin + i * 1ms);
}

TEST(Arrivals, KeepTheirTimesHoweverLateTheyAreClaimed) {
  Arrivals arrivals(Schedule::constant(1000, 1s), begin);
  EXPECT_EQ(arrivals.waiting(begin - 1ns).size(), 0U);
  EXPECT_EQ(arrivals.waiting(begin).size(), 1U);
  const TimePoint late = begin + 100ms;
  EXPECT_EQ(arrivals.waiting(late).size(), 101U);
  for (int i = 0; i <= 100; ++i) EXPECT_EQ(arrivals.claim(late), begin + i * 1ms);
  EXPECT_EQ(arrivals.claim_due(late), std::nullopt);
  EXPECT_EQ(arrivals.claim(late), begin + 101ms) << "the next one is still to come";
  EXPECT_EQ(arrivals.claim_due(begin + 101ms), std::nullopt);
  EXPECT_EQ(arrivals.claim_due(begin + 102ms), begin + 102ms);
  EXPECT_EQ(arrivals.max_waiting(), 101U);
  EXPECT_EQ(arrivals.dropped(), 0U);
}

TEST(Arrivals, AreDroppedAndCountedWhereTheQueueIsFull) {
  Schedule schedule = Schedule::constant(1000, 1s);
  schedule.queue_limit = 10;
  Arrivals arrivals(schedule, begin);
  EXPECT_EQ(arrivals.waiting(begin + 99ms).size(), 10U);
  EXPECT_EQ(arrivals.dropped(), 90U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(arrivals.claim(begin + 99ms), begin + i * 1ms);
  EXPECT_EQ(arrivals.claim(begin + 99ms), begin + 100ms);
}

TEST(Arrivals, EndWithTheSchedule) {
  Arrivals arrivals(Schedule::constant(10, 1s), begin);
  EXPECT_EQ(arrivals.waiting(begin + 1h).size(), 10U);
  for (int i = 0; i < 10; ++i) EXPECT_LT(arrivals.claim(begin + 1h), begin + 1s);
  EXPECT_EQ(arrivals.claim(begin + 1h), TimePoint::max());
  EXPECT_EQ(arrivals.claim_due(begin + 1h), std::nullopt);
}

TEST(Arrivals, AreOneQueueForAllEvenWhereItIsLong) {
  Arrivals arrivals(Schedule::constant(1e6, 1s), begin);
  TimePoint now = begin, expected = begin;
  for (int i = 0; i < 200'000; ++i) {
    now += 4us;  // four become due and one is claimed
    EXPECT_EQ(arrivals.claim(now), expected);
    expected += 1us;
  }
  EXPECT_EQ(arrivals.waiting(now).size(), 600'001U);
}

TEST(Arrivals, AreClaimedOnceEachByThreadsThatShareThem) {
  Arrivals arrivals(Schedule::constant(1e6, 100ms), begin, true);
  std::vector<std::vector<TimePoint>> claimed(4);
  std::vector<std::thread> threads;
  for (auto& own : claimed)
    threads.emplace_back([&arrivals, &own] {
      for (TimePoint now = begin;; now += 2us) {
        if (const auto due = arrivals.claim_due(now)) own.push_back(*due);
        const TimePoint next = arrivals.claim(now);
        if (next == TimePoint::max()) return;
        own.push_back(next);
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::vector<TimePoint> all;
  for (const auto& own : claimed) {
    EXPECT_TRUE(std::ranges::is_sorted(own));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::ranges::sort(all);
  ASSERT_EQ(all.size(), 100'000U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], begin + i * 1us);
}

}  // namespace
}  // namespace contend::load
