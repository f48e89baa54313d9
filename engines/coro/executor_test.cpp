// Calls on other threads, and timed().
#include "engines/coro/executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <regex>
#include <thread>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

TEST(Executor, GivesResultsAndThrowsWhatWasThrown) {
  const auto main = []() -> Coroutine<> {
    EXPECT_EQ(co_await run_in_executor([] { return 42; }), 42);
    EXPECT_NE(co_await run_in_executor(std::this_thread::get_id), std::this_thread::get_id());
    bool called = false;
    co_await run_in_executor([&] { called = true; });
    EXPECT_TRUE(called);
    const auto unique = co_await run_in_executor([] { return std::make_unique<int>(7); });
    EXPECT_EQ(*unique, 7);
    EXPECT_EQ(co_await how_ends(run_in_executor([] { throw std::runtime_error("x"); })), "x");
  };
  run(main());
  run(main(), false, make_poll_poller);
}

TEST(Executor, TheLoopTicksOnMeanwhile) {
  const auto main = []() -> Coroutine<> {
    std::atomic<bool> enough = false;
    const auto call = run_in_executor([&] { enough.wait(false); });
    for (int tick = 0; tick < 20; ++tick) co_await sleep(1ms);
    EXPECT_FALSE(call.done());
    enough = true;
    enough.notify_one();
    co_await call;
  };
  run(main());
}

// A loop that always has something to do looks for letters all the same.
TEST(Executor, IsHeardWhereTheLoopIsBusy) {
  const auto main = []() -> Coroutine<> {
    const auto call = run_in_executor([] { return 1; });
    const TimePoint until = Clock::now() + 10s;
    while (!call.done() && Clock::now() < until) co_await sleep(0s);
    EXPECT_TRUE(call.done());
  };
  run(main());
}

TEST(Executor, MakesAsManyCallsAtOnceAsThereAreThreads) {
  const auto main = []() -> Coroutine<> {
    ThreadPool pool(2);
    std::latch both(2);
    const auto meet = [&] { both.arrive_and_wait(); };
    co_await wait_for(gather(run_in_executor(pool, meet), run_in_executor(pool, meet)), 30s);
    std::vector<Future<int>> many;
    for (int i = 0; i < 100; ++i) many.push_back(run_in_executor(pool, [i] { return i; }));
    const auto results = co_await gather(many);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], i);
  };
  run(main());
}

TEST(Executor, ACallThatIsCalledOffBeforeItBeganNeverBegins) {
  std::atomic<bool> called = false;
  const auto main = [&]() -> Coroutine<> {
    ThreadPool pool(1);
    std::latch begun(1), enough(1);
    const auto first = run_in_executor(pool, [&] {
      begun.count_down();
      enough.wait();
      return 1;
    });
    const auto second = run_in_executor(pool, [&] { called = true; });
    begun.wait();
    EXPECT_TRUE(second.cancel());
    EXPECT_EQ(co_await how_ends(second), "cancelled");
    // One that has begun goes on, and nobody is told.
    const auto waiter = create_task(how_ends<int>(first));
    co_await turns(2);
    waiter.cancel();
    EXPECT_EQ(co_await waiter, "cancelled");
    EXPECT_TRUE(first.cancelled());
    enough.count_down();
  };
  run(main());
  EXPECT_FALSE(called);
}

TEST(Executor, ClosingWaitsForCalls) {
  std::atomic<bool> began = false, ended = false;
  const auto main = [&]() -> Coroutine<> {
    const auto call = run_in_executor([&] {
      began = true;
      std::this_thread::sleep_for(30ms);
      ended = true;
    });
    while (!began) co_await sleep(1ms);  // one that has not begun would be called off
    EXPECT_EQ(co_await how_ends(wait_for(call, 1ms)), "timeout");
  };
  run(main());
  EXPECT_TRUE(ended);
}

TEST(Executor, ClosingWaitsForCallsOnAPoolOfOnesOwn) {
  ThreadPool pool(1);
  std::atomic<bool> ended = false;
  const auto main = [&]() -> Coroutine<> {
    run_in_executor(pool, [&] {
      std::this_thread::sleep_for(30ms);
      ended = true;
    });
    co_return;
  };
  run(main());
  EXPECT_TRUE(ended);
}

/// What timed() says, with the times taken out and added up.
struct Said {
  Log lines;
  double seconds = 0;
  Stopwatch::Say say() {
    return [this](const std::string& line) {
      std::smatch time;
      if (std::regex_search(line, time, std::regex(R"((\d+\.\d{3}) s$)")))
        seconds += std::stod(time.str(1));
      lines.push_back(std::regex_replace(line, std::regex(R"(\d+\.\d{3} s$)"), "T s"));
    };
  }
};

TEST(Timed, SaysWhenItBeginsAndHowLongItTook) {
  Said said;
  Log log;
  const auto main = [&]() -> Coroutine<> {
    auto timed_work = timed("work", work(log, "a", 20ms), said.say());
    EXPECT_EQ(said.lines, Log{});
    EXPECT_EQ(co_await std::move(timed_work), "a");
    co_await timed("void", turns(1), said.say());
    EXPECT_EQ(co_await timed("task", create_task(work(log, "b")), said.say()), "b");
  };
  run(main());
  EXPECT_EQ(said.lines, (Log{"work started", "work finished in T s", "void started",
                             "void finished in T s", "task started", "task finished in T s"}));
  EXPECT_GE(said.seconds, 0.020);
  EXPECT_LT(said.seconds, 10);
}

TEST(Timed, SaysHowItEndedAndThrowsOn) {
  Said said;
  Log log;
  const auto main = [&]() -> Coroutine<> {
    EXPECT_EQ(co_await how_ends(timed("bad", fail_with("x"), said.say())), "x");
    EXPECT_EQ(co_await how_ends(wait_for(timed("long", endless(log, "a"), said.say()), 5ms)),
              "timeout");
  };
  run(main());
  EXPECT_EQ(said.lines, (Log{"bad started", "bad failed after T s", "long started",
                             "long was cancelled after T s"}));
}

}  // namespace
}  // namespace contend::coro
