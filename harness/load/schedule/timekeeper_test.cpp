// When the time is over, and what ends it before.
#include "harness/load/schedule/timekeeper.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using Woken = Timekeeper::Woken;

TEST(Timekeeper, SaysEachSecondButTheLastOne) {
  const TimePoint begin = Clock::now() - 900ms;
  Timekeeper timekeeper(-1);
  std::vector<TimePoint> seconds;
  timekeeper.wait(begin, begin + 1200ms, [&](TimePoint now) { seconds.push_back(now); });
  EXPECT_GE(Clock::now(), begin + 1200ms);
  ASSERT_LE(seconds.size(), 1U);  // a machine that stands still for 200 ms misses it
  if (!seconds.empty()) {
    EXPECT_GE(seconds[0], begin + 1s);
  }
  EXPECT_LT(timekeeper.late(), Clock::now() - begin);
}

TEST(Timekeeper, SaysNothingOfSecondsLongPast) {
  const TimePoint begin = Clock::now() - 10s;
  int seconds = 0;
  Timekeeper(-1).wait(begin, begin + 10050ms, [&](TimePoint) { ++seconds; });
  EXPECT_LE(seconds, 1);
}

TEST(Timekeeper, SaysWhatWokeIt) {
  StopSource interrupted, event;
  Timekeeper timekeeper(interrupted.token().fd());
  const TimePoint soon = Clock::now() + 20ms, never = Clock::now() + 1h;
  EXPECT_EQ(timekeeper.wait_until(soon), Woken::by_time);
  EXPECT_GE(Clock::now(), soon);
  event.request();
  EXPECT_EQ(timekeeper.wait_until(never, event.token().fd()), Woken::by_event);
  interrupted.request();
  EXPECT_EQ(timekeeper.wait_until(never), Woken::by_interruption);
  std::thread sessions([&] { timekeeper.sessions_ended(); });
  sessions.join();
  EXPECT_EQ(timekeeper.wait_until(never), Woken::by_end_of_sessions);
  timekeeper.wait(Clock::now(), never, [](TimePoint) {});
}

}  // namespace
}  // namespace contend::load
