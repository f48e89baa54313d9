#include "engines/coro/timers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace contend::coro {
namespace {

TimePoint at(int milliseconds) {
  return TimePoint{} + std::chrono::milliseconds(milliseconds);
}

struct Recorded : Timer {
  Recorded(int name_, std::vector<int>& fired_)
      : Timer([](Timer& timer) {
          auto& self = static_cast<Recorded&>(timer);
          self.fired.push_back(self.name);
        }),
        name(name_),
        fired(fired_) {}
  int name;
  std::vector<int>& fired;
};

TEST(Timers, FireInOrderAndOnlyWhenDue) {
  std::vector<int> fired;
  Timers timers;
  Recorded late(3, fired), early(1, fired), middle(2, fired);
  timers.arm(late, at(30));
  timers.arm(early, at(10));
  timers.arm(middle, at(20));
  EXPECT_EQ(timers.next(), at(10));
  timers.fire_due(at(20));
  EXPECT_EQ(fired, (std::vector{1, 2}));
  EXPECT_FALSE(early.armed());
  EXPECT_TRUE(late.armed());
  timers.fire_due(at(29));
  EXPECT_EQ(fired.size(), 2u);
  timers.fire_due(at(30));
  EXPECT_EQ(fired.back(), 3);
  EXPECT_TRUE(timers.empty());
}

TEST(Timers, AnArmedTimerMovesBothWays) {
  std::vector<int> fired;
  Timers timers;
  Recorded first(1, fired), second(2, fired);
  timers.arm(first, at(10));
  timers.arm(second, at(20));
  timers.arm(second, at(5));
  EXPECT_EQ(timers.next(), at(5));
  timers.arm(second, at(50));
  EXPECT_EQ(timers.next(), at(10));
}

TEST(Timers, ADestroyedTimerTakesItselfOut) {
  std::vector<int> fired;
  Timers timers;
  Recorded stays(1, fired);
  timers.arm(stays, at(20));
  {
    Recorded goes(2, fired);
    timers.arm(goes, at(10));
  }
  timers.fire_due(at(100));
  EXPECT_EQ(fired, std::vector{1});
}

// Any sequence of arming, moving and disarming fires what a sorted list would.
TEST(Timers, AgreeWithASortedListOnRandomSequences) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<int> fired;
    Timers timers;
    constexpr int count = 40;
    std::vector<std::unique_ptr<Recorded>> all;
    std::vector<int> due(count, -1);
    for (int name = 0; name < count; ++name) all.push_back(std::make_unique<Recorded>(name, fired));
    for (int change = 0; change < 300; ++change) {
      const auto name = random() % count;
      if (random() % 4 == 0) {
        timers.disarm(*all[name]);
        due[name] = -1;
      } else {
        due[name] = static_cast<int>(random() % 1000);
        timers.arm(*all[name], at(due[name]));
      }
    }
    std::vector<int> expected;
    for (int name = 0; name < count; ++name)
      if (due[static_cast<std::size_t>(name)] >= 0 && due[static_cast<std::size_t>(name)] <= 500)
        expected.push_back(due[static_cast<std::size_t>(name)]);
    std::ranges::sort(expected);
    timers.fire_due(at(500));
    std::vector<int> times;
    for (const int name : fired) times.push_back(due[static_cast<std::size_t>(name)]);
    EXPECT_EQ(times, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace contend::coro
