// The way in: run(), and a loop by hand.
#include <gtest/gtest.h>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

Coroutine<int> answer() {
  co_await sleep(0s);
  co_return 42;
}

TEST(Run, GivesWhatMainReturns) {
  EXPECT_EQ(run(answer()), 42);
  EXPECT_EQ(run(answer(), false, make_poll_poller), 42);
}

TEST(Run, ThrowsWhatMainThrows) {
  EXPECT_THROW(run(fail_with("main")), std::runtime_error);
  const auto cancelled = []() -> Coroutine<> {
    co_await sleep(0s);
    throw CancelledError{};
  };
  EXPECT_THROW(run(cancelled()), CancelledError);
}

TEST(Run, CancelsWhatIsLeftAndWaitsForIt) {
  Log log;
  const auto slow_to_end = [&]() -> Coroutine<> {
    try {
      co_await endless(log, "slow");
    } catch (CancelledError) {
    }
    co_await sleep(10ms);
    log.push_back("slow ends");
  };
  const auto main = [&]() -> Coroutine<> {
    create_task(endless(log, "a"));
    create_task(slow_to_end());
    co_await sleep(0s);
    create_task(endless(log, "last"));
    log.push_back("main ends");
  };
  run(main());
  EXPECT_EQ(log, (Log{"a begins", "slow begins", "main ends", "last begins", "a is cancelled",
                      "slow is cancelled", "last is cancelled", "slow ends"}));
}

TEST(Run, CancelsWhatIsLeftWhereMainThrewToo) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    create_task(endless(log, "a"));
    co_await sleep(0s);
    throw std::runtime_error("main");
  };
  EXPECT_THROW(run(main()), std::runtime_error);
  EXPECT_EQ(log, (Log{"a begins", "a is cancelled"}));
}

TEST(Run, NestedIsAnErrorAndRunsNothing) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    EXPECT_THROW(run(endless(log, "run")), std::logic_error);
    Loop other;
    EXPECT_THROW(other.run_until_complete(endless(log, "other loop")), std::logic_error);
    EXPECT_THROW(Loop::running().run_until_complete(endless(log, "same loop")), std::logic_error);
    EXPECT_THROW(Loop::running().close(), std::logic_error);
    co_await turns(2);
  };
  run(main());
  EXPECT_EQ(log, Log{});
}

TEST(Run, KnowsTheRunningLoop) {
  EXPECT_EQ(Loop::running_or_null(), nullptr);
  EXPECT_THROW(Loop::running(), std::logic_error);
  EXPECT_THROW(create_task(answer()), std::logic_error);
  EXPECT_THROW(sleep(1s), std::logic_error);
  EXPECT_THROW(Future<>(), std::logic_error);
  Loop loop;
  const auto is_running = [&]() -> Coroutine<bool> { co_return &Loop::running() == &loop; };
  EXPECT_TRUE(loop.run_until_complete(is_running()));
  EXPECT_EQ(Loop::running_or_null(), nullptr);
}

TEST(LoopByHand, RunsUntilWhatItIsAskedForIsDone) {
  Loop loop;
  Log log;
  const Task<> left(loop, endless(log, "left"), std::source_location::current());
  EXPECT_EQ(log, Log{});
  EXPECT_EQ(loop.run_until_complete(answer()), 42);
  EXPECT_THROW(loop.run_until_complete(fail_with("x")), std::runtime_error);
  const Future<std::string> future(loop);
  loop.call_soon([&] { future.set_result("set"); });
  EXPECT_EQ(loop.run_until_complete(future), "set");
  EXPECT_EQ(loop.run_until_complete(future), "set");
  EXPECT_FALSE(left.done());
  left.cancel();
  EXPECT_THROW(loop.run_until_complete(left), CancelledError);
}

TEST(LoopByHand, GivesTheOthersTheRestOfItsLastTurn) {
  Loop loop;
  Log log;
  const auto main = [&]() -> Coroutine<> {
    loop.call_soon([&] { log.push_back("soon"); });
    loop.call_later(0s, [&] { log.push_back("due"); });
    loop.call_soon([&] { loop.call_soon([&] { log.push_back("never"); }); });
    co_return;
  };
  loop.run_until_complete(main());
  EXPECT_EQ(log, (Log{"soon", "due"}));
}

TEST(LoopByHand, CallsSoonInOrderAndLaterInTime) {
  Loop loop;
  Log log;
  loop.call_later(20ms, [&] { log.push_back("late"); });
  loop.call_later(5ms, [&] { log.push_back("early"); });
  loop.call_soon([&] { log.push_back("soon 1"); });
  loop.call_soon([&] { log.push_back("soon 2"); });
  const TimePoint began = Clock::now();
  const auto nap = []() -> Coroutine<> { co_await sleep(30ms); };
  loop.run_until_complete(nap());
  EXPECT_GE(Clock::now() - began, 30ms);
  EXPECT_EQ(log, (Log{"soon 1", "soon 2", "early", "late"}));
}

TEST(LoopByHand, HandlesCallOff) {
  Loop loop;
  Log log;
  Handle soon = loop.call_soon([&] { log.push_back("soon"); });
  Handle later = loop.call_later(1ms, [&] { log.push_back("later"); });
  Handle in_between = loop.call_soon([&] { log.push_back("in between"); });
  Handle own = loop.call_soon([&] {
    own.cancel();  // it runs already
    in_between.cancel();
    log.push_back("own");
  });
  Handle next = loop.call_soon([&] { log.push_back("next"); });
  loop.call_soon([&] { next.cancel(); });
  Handle same_turn = loop.call_soon([&] { log.push_back("same turn"); });
  soon.cancel();
  soon.cancel();
  later.cancel();
  const auto nap = [&]() -> Coroutine<> {
    same_turn.cancel();
    co_await sleep(5ms);
  };
  loop.run_until_complete(nap());
  EXPECT_EQ(log, (Log{"in between", "own", "next", "same turn"}));
  next.cancel();
}

TEST(LoopByHand, ACallbackThatThrowsIsReportedAndTheLoopGoesOn) {
  Loop loop;
  Log log, reports;
  loop.set_debug(true);
  loop.debug()->report = [&](const std::string& line) { reports.push_back(line); };
  loop.call_soon([] { throw std::runtime_error("as it should"); });
  loop.call_soon([&] { log.push_back("next"); });
  EXPECT_EQ(loop.run_until_complete(answer()), 42);
  EXPECT_EQ(log, Log{"next"});
  EXPECT_EQ(reports, Log{"a callback failed: as it should"});
}

TEST(LoopByHand, ClosedItRefusesEverything) {
  Loop loop;
  Log log;
  loop.call_soon([&] { log.push_back("never"); });
  Handle later = loop.call_later(0s, [&] { log.push_back("never"); });
  loop.close();
  loop.close();
  later.cancel();
  EXPECT_THROW(loop.call_soon([] {}), std::logic_error);
  EXPECT_THROW(loop.call_later(0s, [] {}), std::logic_error);
  EXPECT_THROW(loop.run_until_complete(endless(log, "never")), std::logic_error);
  EXPECT_THROW(Task<>(loop, endless(log, "never"), std::source_location::current()),
               std::logic_error);
  EXPECT_EQ(log, Log{});
}

}  // namespace
}  // namespace contend::coro
