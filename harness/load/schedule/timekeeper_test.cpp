// When the time is over, and who may end it before.
#include "harness/load/schedule/timekeeper.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

TEST(Timekeeper, SaysEachSecondButTheLastOne) {
  const TimePoint begin = Clock::now() - 900ms;
  Timekeeper timekeeper(begin, begin + 1200ms, {});
  std::vector<TimePoint> seconds;
  timekeeper.wait([&](TimePoint now) { seconds.push_back(now); });
  EXPECT_GE(Clock::now(), begin + 1200ms);
  ASSERT_LE(seconds.size(), 1U);  // a machine that stands still for 200 ms misses it
  if (!seconds.empty()) {
    EXPECT_GE(seconds[0], begin + 1s);
  }
  EXPECT_LT(timekeeper.late(), Clock::now() - begin);
}

TEST(Timekeeper, SaysNothingOfSecondsLongPast) {
  const TimePoint begin = Clock::now() - 10s;
  Timekeeper timekeeper(begin, begin + 10050ms, {});
  int seconds = 0;
  timekeeper.wait([&](TimePoint) { ++seconds; });
  EXPECT_LE(seconds, 1);
}

TEST(Timekeeper, WaitsForABeginningThatIsToCome) {
  const TimePoint begin = Clock::now() + 20ms;
  Timekeeper timekeeper(begin, begin + 1h, {});
  timekeeper.wait_for_begin();
  EXPECT_GE(Clock::now(), begin);
  StopSource interrupted;
  interrupted.request();
  Timekeeper(Clock::now() + 1h, Clock::now() + 2h, interrupted.token()).wait_for_begin();
}

TEST(Timekeeper, IsEndedByWhoeverMay) {
  StopSource interrupted;
  Timekeeper first(Clock::now(), Clock::now() + 1h, interrupted.token());
  interrupted.request();
  first.wait([](TimePoint) {});
  Timekeeper second(Clock::now(), Clock::now() + 1h, {});
  std::thread sessions([&] { second.sessions_ended(); });
  second.wait([](TimePoint) {});
  sessions.join();
}

}  // namespace
}  // namespace contend::load
