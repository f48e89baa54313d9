// Coroutines made tasks, and futures.
#include <gtest/gtest.h>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

TEST(Task, BeginsAtTheNextTurn) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(work(log, "task"));
    auto coroutine = work(log, "coroutine");
    log.push_back("main");
    EXPECT_FALSE(task.done());
    co_await sleep(0s);
    log.push_back("main again");
    EXPECT_EQ(co_await std::move(coroutine), "coroutine");
    EXPECT_EQ(co_await task, "task");
  };
  run(main());
  EXPECT_EQ(log, (Log{"main", "task begins", "main again", "coroutine begins", "task ends",
                      "coroutine ends"}));
}

TEST(Task, GivesItsResultToAllAndAgain) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const auto task = create_task(work(log, "task"));
    EXPECT_THROW(task.result(), InvalidStateError);
    EXPECT_THROW(task.exception(), InvalidStateError);
    const auto other = create_task(how_ends<std::string>(task));
    EXPECT_EQ(co_await task, "task");
    EXPECT_EQ(co_await task, "task");
    EXPECT_EQ(task.result(), "task");
    EXPECT_EQ(task.exception(), nullptr);
    EXPECT_EQ(co_await other, "result");
  };
  run(main());
}

TEST(Task, ThrowsWhatItThrewToAllAndAgain) {
  const auto main = []() -> Coroutine<> {
    const auto task = create_task(fail_with("x", 1));
    const auto other = create_task(how_ends<void>(task));
    EXPECT_EQ(co_await how_ends(task), "x");
    EXPECT_EQ(co_await how_ends(task), "x");
    EXPECT_TRUE(task.done());
    EXPECT_FALSE(task.cancelled());
    EXPECT_THROW(task.result(), std::runtime_error);
    EXPECT_NE(task.exception(), nullptr);
    EXPECT_EQ(co_await other, "x");
  };
  run(main());
}

TEST(Task, MayReturnWhatCannotBeCopied) {
  const auto main = []() -> Coroutine<std::unique_ptr<int>> {
    const auto make = []() -> Coroutine<std::unique_ptr<int>> {
      co_return std::make_unique<int>(7);
    };
    co_return co_await create_task(make());
  };
  EXPECT_EQ(*run(main()), 7);
}

TEST(Task, GoesOnWithoutItsHandle) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    create_task(work(log, "task", 5ms));
    co_await sleep(30ms);
  };
  run(main());
  EXPECT_EQ(log, (Log{"task begins", "task ends"}));
}

TEST(Task, SaysWhatItIs) {
  const auto main = []() -> Coroutine<> {
    const auto task = create_task(turns(1));
    EXPECT_TRUE(task.description().starts_with("turns ("));
    EXPECT_NE(task.description().find("engines/coro/testing.hpp:"), std::string::npos);
    EXPECT_NE(task.description().find("engines/coro/task_test.cpp:"), std::string::npos);
    co_await task;
  };
  run(main());
}

TEST(Task, AwaitingItselfIsAnError) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    std::optional<Task<>> task;
    const auto itself = [&]() -> Coroutine<> {
      EXPECT_THROW(co_await *task, std::logic_error);
      co_await sleep(0s);
      log.push_back("goes on");
    };
    task.emplace(create_task(itself()));
    co_await *task;
  };
  run(main());
  EXPECT_EQ(log, Log{"goes on"});
}

// Python, too, finds out where it would have to cancel them, and says RecursionError.
TEST(Task, AwaitingEachOtherIsAnErrorWhereTheyAreCancelled) {
  const auto main = []() -> Coroutine<> {
    std::optional<Task<>> a, b;
    const auto waits_for = [](std::optional<Task<>>& other) -> Coroutine<> { co_await *other; };
    a.emplace(create_task(waits_for(b)));
    b.emplace(create_task(waits_for(a)));
    co_await turns(2);
    EXPECT_THROW(a->cancel(), std::logic_error);
    EXPECT_THROW(b->cancel(), std::logic_error);
  };
  EXPECT_THROW(run(main()), std::logic_error);
}

TEST(Sleep, WakesByTimeNotByOrder) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const TimePoint began = Clock::now();
    co_await gather(work(log, "late", 40ms), work(log, "early", 5ms), work(log, "at once"));
    EXPECT_GE(Clock::now() - began, 40ms);
  };
  run(main());
  EXPECT_EQ(log, (Log{"late begins", "early begins", "at once begins", "at once ends", "early ends",
                      "late ends"}));
}

// A time that has passed already when it is awaited is no reason to keep the loop.
TEST(Sleep, GivesTheOthersTheirTurnHoweverShortItIs) {
  bool others = false;
  const auto main = [&]() -> Coroutine<> {
    Loop::running().call_soon([&] { others = true; });
    co_await sleep(1ns);
    EXPECT_TRUE(others);
    others = false;
    Loop::running().call_soon([&] { others = true; });
    co_await sleep(-1s);
    EXPECT_TRUE(others);
  };
  run(main());
}

TEST(Future, IsSetOnce) {
  const auto main = []() -> Coroutine<> {
    const Future<int> future;
    EXPECT_FALSE(future.done());
    EXPECT_THROW(future.result(), InvalidStateError);
    EXPECT_THROW(future.exception(), InvalidStateError);
    future.set_result(1);
    EXPECT_TRUE(future.done() && !future.cancelled());
    EXPECT_THROW(future.set_result(2), InvalidStateError);
    EXPECT_THROW(future.set_exception(std::runtime_error("x")), InvalidStateError);
    EXPECT_FALSE(future.cancel());
    EXPECT_EQ(future.result(), 1);
    EXPECT_EQ(co_await future, 1);
  };
  run(main());
}

TEST(Future, WakesAllWhoAwaitItInTheirOrderATurnLater) {
  Log log;
  const auto main = [&]() -> Coroutine<> {
    const Future<> future;
    const auto waiter = [&](std::string name) -> Coroutine<> {
      co_await future;
      log.push_back(name);
    };
    std::vector<Task<>> waiters;
    for (const char* name : {"a", "b", "c"}) waiters.push_back(create_task(waiter(name)));
    co_await sleep(0s);
    future.set_result();
    log.push_back("set");
    co_await gather(waiters);
  };
  run(main());
  EXPECT_EQ(log, (Log{"set", "a", "b", "c"}));
}

TEST(Future, ThrowsToAllWhoAwaitIt) {
  const auto main = []() -> Coroutine<> {
    const Future<int> future;
    const auto one = create_task(how_ends<int>(future)), other = create_task(how_ends<int>(future));
    co_await turns(2);
    future.set_exception(std::runtime_error("x"));
    EXPECT_THROW(future.result(), std::runtime_error);
    EXPECT_EQ(co_await one, "x");
    EXPECT_EQ(co_await other, "x");
  };
  run(main());
}

TEST(Future, CancelledIsToldToAllWhoAwaitIt) {
  const auto main = []() -> Coroutine<> {
    const Future<int> future;
    const auto one = create_task(how_ends<int>(future)), other = create_task(how_ends<int>(future));
    co_await turns(2);
    EXPECT_TRUE(future.cancel());
    EXPECT_FALSE(future.cancel());
    EXPECT_TRUE(future.done() && future.cancelled());
    EXPECT_THROW(future.result(), CancelledError);
    EXPECT_THROW(future.set_result(1), InvalidStateError);
    EXPECT_EQ(co_await one, "cancelled");
    EXPECT_EQ(co_await other, "cancelled");
    EXPECT_FALSE(one.cancelled());
  };
  run(main());
}

}  // namespace
}  // namespace contend::coro
