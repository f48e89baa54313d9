// Waiting with a limit, and behind a shield.
#include "engines/coro/wait.hpp"

#include <gtest/gtest.h>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

TEST(WaitFor, GivesTheResultInTime) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    EXPECT_EQ(co_await wait_for(work(log, "a"), 1h), "a");
    EXPECT_EQ(co_await how_ends(wait_for(fail_with("x", 1), 1h)), "x");
    const Future<int> future;
    Loop::running().call_soon([=] { future.set_result(7); });
    EXPECT_EQ(co_await wait_for(future, 1h), 7);
  };
  run(main());
}

TEST(WaitFor, CancelsWhatTakesTooLong) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(endless(log, "task"));
    EXPECT_EQ(co_await how_ends(wait_for(task, 5ms)), "timeout");
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(co_await how_ends(wait_for(endless(log, "coroutine"), 5ms)), "timeout");
  };
  run(main());
  EXPECT_EQ(
      log, (Log{"task begins", "task is cancelled", "coroutine begins", "coroutine is cancelled"}));
}

TEST(WaitFor, WithoutTimeRunsNothing) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    EXPECT_EQ(co_await how_ends(wait_for(endless(log, "never"), 0s)), "timeout");
    EXPECT_EQ(co_await how_ends(wait_for(endless(log, "never"), -1s)), "timeout");
    const auto done = create_task(work(log, "done"));
    co_await done;
    EXPECT_EQ(co_await wait_for(done, 0s), "done");
  };
  run(main());
  EXPECT_EQ(log, (Log{"done begins", "done ends"}));
}

TEST(WaitFor, GivesWhatATaskMakesOfItsCancellation) {
  const auto main = []() -> Coroutine<> {
    const auto stubborn = [](bool fails) -> Coroutine<int> {
      try {
        co_await sleep(1h);
      } catch (CancelledError) {
        if (fails) throw std::runtime_error("x");
      }
      co_await sleep(1ms);
      co_return 7;
    };
    EXPECT_EQ(co_await wait_for(stubborn(false), 5ms), 7);
    EXPECT_EQ(co_await how_ends(wait_for(stubborn(true), 5ms)), "x");
  };
  run(main());
}

TEST(WaitFor, CancelledCancelsTheInnerOneAndWaitsForIt) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto slow_to_end = [&]() -> Coroutine<> {
      try {
        co_await sleep(1h);
      } catch (CancelledError) {
      }
      co_await sleep(5ms);
      log.push_back("inner ends");
    };
    const auto inner = create_task(slow_to_end());
    const auto outer = create_task(wait_for(inner, 1h));
    co_await turns(2);
    outer.cancel();
    EXPECT_EQ(co_await how_ends(outer), "cancelled");
    EXPECT_TRUE(inner.done());
    EXPECT_EQ(log, Log{"inner ends"});
  };
  run(main());
}

TEST(Shield, TheTimePassesAndTheTaskGoesOn) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(work(log, "task", 40ms));
    EXPECT_EQ(co_await how_ends(wait_for(shield(task), 5ms)), "timeout");
    EXPECT_FALSE(task.done());
    EXPECT_EQ(co_await task, "task");
    EXPECT_EQ(co_await shield(task), "task");
  };
  run(main());
}

TEST(Shield, CancellingWhoAwaitsDoesNotReachTheInnerOne) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(work(log, "task", 10ms));
    const auto waiter = create_task(how_ends<std::string>(shield(task)));
    co_await turns(2);
    waiter.cancel();
    EXPECT_EQ(co_await waiter, "cancelled");
    EXPECT_EQ(co_await task, "task");
  };
  run(main());
}

TEST(Shield, TellsHowTheInnerOneEnds) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    EXPECT_EQ(co_await shield(work(log, "a")), "a");
    EXPECT_EQ(co_await how_ends(shield(fail_with("x", 1))), "x");
    const auto task = create_task(endless(log, "b"));
    const auto shielded = shield(task);
    co_await turns(1);
    task.cancel();
    EXPECT_EQ(co_await how_ends(shielded), "cancelled");
  };
  run(main());
}

}  // namespace
}  // namespace contend::coro
