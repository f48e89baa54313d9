// Many at once.
#include <gtest/gtest.h>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

Coroutine<int> number(Log& log, int value, Duration how_long = 0s) {
  log.push_back(std::to_string(value));
  co_await sleep(how_long);
  co_return value;
}

// The order in which a call's arguments are evaluated is the compiler's choice, and g++ begins with
// the last.
TEST(Gather, BeginsInTheOrderOfTheArguments) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    co_await gather(number(log, 1), number(log, 2), number(log, 3));
  };
  run(main());
  EXPECT_EQ(log, (Log{"1", "2", "3"}));
}

TEST(Gather, GivesResultsInTheOrderOfTheArguments) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto [slow, text, nothing, fast] = co_await gather(
        number(log, 1, 20ms), create_task(work(log, "text")), turns(1), number(log, 2));
    EXPECT_EQ(slow, 1);
    EXPECT_EQ(text, "text");
    EXPECT_TRUE((std::is_same_v<decltype(nothing), const Nothing>));
    EXPECT_EQ(fast, 2);
  };
  run(main());
}

TEST(Gather, TakesAsManyAsThereAre) {
  Log log;
  const auto main = [&]() -> Coroutine<std::vector<int>> {
    std::vector<Task<int>> tasks;
    for (int value = 0; value < 3; ++value) tasks.push_back(create_task(number(log, value)));
    co_return co_await gather(tasks);
  };
  EXPECT_EQ(run(main()), (std::vector{0, 1, 2}));
}

TEST(Gather, OfNothingIsDoneAtOnce) {
  const auto main = []() -> Coroutine<> {
    EXPECT_TRUE(gather().done());
    const auto none = gather(std::vector<Future<int>>{});
    EXPECT_TRUE(none.done());
    EXPECT_TRUE((co_await none).empty());
  };
  run(main());
}

TEST(Gather, TellsTheFirstFailureAtOnceAndTheOthersGoOn) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto slow = create_task(work(log, "slow", 30ms));
    const auto all = gather(slow, fail_with("first", 1), fail_with("second", 2));
    EXPECT_EQ(co_await how_ends(all), "first");
    EXPECT_FALSE(slow.done());
    EXPECT_EQ(co_await slow, "slow");
    EXPECT_EQ(co_await how_ends(all), "first");
  };
  run(main());
}

TEST(Gather, IsCancelledWhenOneOfThemIs) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto one = create_task(endless(log, "one"));
    const auto other = create_task(work(log, "other", 20ms));
    const auto all = gather(one, other);
    co_await turns(1);
    one.cancel();
    EXPECT_EQ(co_await how_ends(all), "cancelled");
    EXPECT_EQ(co_await other, "other");
  };
  run(main());
}

TEST(Gather, CancellingItCancelsAllThatAreNotDone) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto quick = create_task(number(log, 1));
    const auto all = gather(endless(log, "a"), quick, endless(log, "b"));
    co_await turns(3);
    EXPECT_TRUE(all.cancel());
    EXPECT_FALSE(all.done());
    EXPECT_EQ(co_await how_ends(all), "cancelled");
    EXPECT_TRUE(quick.done() && !quick.cancelled());
    EXPECT_FALSE(all.cancel());
  };
  run(main());
  EXPECT_EQ(log, (Log{"1", "a begins", "b begins", "a is cancelled", "b is cancelled"}));
}

TEST(Gather, IsCancelledEvenWhereAllSwallowIt) {
  const auto main = []() -> Coroutine<> {
    const auto stubborn = []() -> Coroutine<> {
      try {
        co_await sleep(1h);
      } catch (CancelledError) {
        co_return;
      }
    };
    const auto all = gather(stubborn(), stubborn());
    co_await turns(1);
    all.cancel();
    EXPECT_EQ(co_await how_ends(all), "cancelled");
  };
  run(main());
}

}  // namespace
}  // namespace contend::coro
