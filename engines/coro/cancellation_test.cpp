// Being cancelled.
#include <gtest/gtest.h>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

TEST(Cancellation, ArrivesAtTheAwaitAtTheNextTurn) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(endless(log, "task"));
    co_await sleep(0s);
    EXPECT_TRUE(task.cancel());
    EXPECT_FALSE(task.done());
    EXPECT_EQ(log, Log{"task begins"});
    EXPECT_EQ(co_await how_ends(task), "cancelled");
    EXPECT_TRUE(task.done() && task.cancelled());
    EXPECT_THROW(task.result(), CancelledError);
    EXPECT_FALSE(task.cancel());
  };
  run(main());
  EXPECT_EQ(log, (Log{"task begins", "task is cancelled"}));
}

TEST(Cancellation, BeforeItRanItNeverRuns) {
  Log log;
  const auto held = std::make_shared<int>();
  const auto holds = [&](std::shared_ptr<int>) -> Coroutine<> { return endless(log, "task"); };
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(holds(held));
    EXPECT_TRUE(task.cancel());
    EXPECT_FALSE(task.done());
    EXPECT_EQ(co_await how_ends(task), "cancelled");
    EXPECT_EQ(held.use_count(), 1);
  };
  run(main());
  EXPECT_EQ(log, Log{});
}

TEST(Cancellation, MayBeSwallowed) {
  const auto main = []() -> Coroutine<> {
    const auto stubborn = []() -> Coroutine<int> {
      try {
        co_await sleep(1h);
      } catch (CancelledError) {
      }
      co_await sleep(1ms);
      co_return 7;
    };
    const auto task = create_task(stubborn());
    co_await sleep(0s);
    task.cancel();
    EXPECT_EQ(co_await task, 7);
    EXPECT_FALSE(task.cancelled());
    EXPECT_FALSE(task.cancel());
  };
  run(main());
}

TEST(Cancellation, IsNoOrdinaryException) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto deaf = [&]() -> Coroutine<> {
      try {
        co_await sleep(1h);
      } catch (const std::exception&) {
        log.push_back("never");
      }
    };
    const auto task = create_task(deaf());
    co_await sleep(0s);
    task.cancel();
    EXPECT_EQ(co_await how_ends(task), "cancelled");
  };
  run(main());
  EXPECT_EQ(log, Log{});
}

TEST(Cancellation, ReachesNestedCoroutinesFromTheInside) {
  Log log;
  const auto middle = [&]() -> Coroutine<> {
    try {
      co_await endless(log, "inner");
    } catch (CancelledError) {
      log.push_back("middle is cancelled");
      throw;
    }
  };
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(middle());
    co_await sleep(0s);
    task.cancel();
    EXPECT_EQ(co_await how_ends(task), "cancelled");
  };
  run(main());
  EXPECT_EQ(log, (Log{"inner begins", "inner is cancelled", "middle is cancelled"}));
}

TEST(Cancellation, ReachesTheTaskTheFutureAndTheGatherThatIsAwaited) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto inner = create_task(endless(log, "a")), one = create_task(endless(log, "b"));
    const Future<> future, other;
    const auto all = gather(one, other);
    const std::vector<Task<std::string>> waiters{create_task(how_ends<void>(inner)),
                                                 create_task(how_ends<void>(future)),
                                                 create_task(how_ends(all))};
    co_await turns(3);
    for (const auto& waiter : waiters) EXPECT_TRUE(waiter.cancel());
    for (const auto& waiter : waiters) EXPECT_EQ(co_await waiter, "cancelled");
    EXPECT_TRUE(inner.cancelled() && future.cancelled() && one.cancelled() && other.cancelled());
  };
  run(main());
  EXPECT_EQ(log, (Log{"a begins", "b begins", "a is cancelled", "b is cancelled"}));
}

TEST(Cancellation, OfWhatIsAwaitedIsToldToWhoAwaits) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto inner = create_task(endless(log, "a"));
    const auto waiter = create_task(how_ends<void>(inner));
    co_await turns(2);
    inner.cancel();
    EXPECT_EQ(co_await waiter, "cancelled");
    EXPECT_FALSE(waiter.cancelled());
  };
  run(main());
}

/// Cancels itself in its plain code; then does as asked.
Coroutine<std::string> cancels_itself(std::optional<Task<std::string>>& own, Log& log,
                                      std::function<Coroutine<>()> then) {
  EXPECT_TRUE(own->cancel());
  log.push_back("goes on");
  if (then) co_await then();
  log.push_back("ends");
  co_return "result";
}

TEST(Cancellation, NeverInterruptsPlainCode) {
  Log log;
  std::optional<Task<std::string>> own;
  const auto main = [&]() -> Coroutine<> {
    const auto long_sleep = []() -> Coroutine<> { co_await sleep(1h); };
    const auto done_already = []() -> Coroutine<> {
      const Future<> done;
      done.set_result();
      co_await done;
    };
    own.emplace(create_task(cancels_itself(own, log, long_sleep)));
    EXPECT_EQ(co_await how_ends(*own), "cancelled");
    EXPECT_EQ(log, Log{"goes on"});
    own.emplace(create_task(cancels_itself(own, log, [] { return turns(1); })));
    EXPECT_EQ(co_await how_ends(*own), "cancelled");
    EXPECT_EQ(log, (Log{"goes on", "goes on"}));
    log.clear();
    // An await that need not wait is plain code.
    own.emplace(create_task(cancels_itself(own, log, done_already)));
    EXPECT_EQ(co_await how_ends(*own), "cancelled");
    EXPECT_EQ(log, (Log{"goes on", "ends"}));
    log.clear();
    own.emplace(create_task(cancels_itself(own, log, [] { return fail_with("failure"); })));
    EXPECT_EQ(co_await how_ends(*own), "failure");
  };
  run(main());
}

TEST(Cancellation, TwiceAtOnceIsOne) {
  const auto main = []() -> Coroutine<> {
    const auto once_only = []() -> Coroutine<> {
      try {
        co_await sleep(1h);
      } catch (CancelledError) {
      }
      co_await sleep(1ms);
    };
    const auto task = create_task(once_only());
    co_await sleep(0s);
    EXPECT_TRUE(task.cancel());
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(co_await how_ends(task), "result");
  };
  run(main());
}

TEST(Cancellation, ReachesCleaningUpToo) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto cleans_up = [&]() -> Coroutine<> {
      try {
        co_await sleep(1h);
      } catch (CancelledError) {
      }
      co_await endless(log, "cleaning up");
    };
    const auto task = create_task(cleans_up());
    co_await sleep(0s);
    task.cancel();
    co_await sleep(0s);
    task.cancel();
    EXPECT_EQ(co_await how_ends(task), "cancelled");
  };
  run(main());
  EXPECT_EQ(log, (Log{"cleaning up begins", "cleaning up is cancelled"}));
}

// Where the wake-up is on its way already, it is told at the await all the same.
TEST(Cancellation, IsNotLostBetweenBeingWokenAndGoingOn) {
  const auto main = []() -> Coroutine<> {
    const Future<int> future;
    const auto task = create_task(how_ends<int>(future));
    co_await turns(2);
    future.set_result(1);
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(co_await task, "cancelled");
    EXPECT_FALSE(future.cancelled());

    const auto sleeps = []() -> Coroutine<> { co_await sleep(5ms); };
    const auto sleeper = create_task(sleeps());
    co_await sleep(0s);
    const TimePoint until = Clock::now() + 20ms;
    while (Clock::now() < until) continue;
    Loop::running().call_soon([&] { sleeper.cancel(); });
    EXPECT_EQ(co_await how_ends(sleeper), "cancelled");
  };
  run(main());
}

}  // namespace
}  // namespace contend::coro
