// What debug mode tells.
#include "engines/coro/debug.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <regex>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

void block(Duration how_long) {
  for (const TimePoint until = Clock::now() + how_long; Clock::now() < until;) continue;
}

Coroutine<> slow(Duration how_long) {
  co_await sleep(0s);
  block(how_long);
}

/// Runs it in debug mode, and gives what was reported.
Log reports_of(Coroutine<> main, Duration slow_callback_duration = 1h) {
  Log reports;
  Loop loop;
  loop.set_debug(true);
  loop.debug()->report = [&](const std::string& line) { reports.push_back(line); };
  loop.debug()->slow_callback_duration = slow_callback_duration;
  loop.run_until_complete(std::move(main));
  return reports;
}

testing::AssertionResult matches(const Log& reports, const std::string& pattern) {
  if (reports.size() == 1 && std::regex_match(reports[0], std::regex(pattern)))
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << testing::PrintToString(reports) << " against " << pattern;
}

TEST(Debug, TellsWhichTaskTookTooLongAndHowLong) {
  const auto main = []() -> Coroutine<> { co_await create_task(slow(30ms)); };
  EXPECT_TRUE(matches(reports_of(main(), 20ms),
                      R"(task slow \(.*engines/coro/debug_test.cpp:\d+\), created at )"
                      R"(.*engines/coro/debug_test.cpp:\d+: kept the loop for 0\.\d{3} s)"));
}

TEST(Debug, SaysNothingBelowTheLimit) {
  const auto main = []() -> Coroutine<> {
    EXPECT_EQ(Debug().slow_callback_duration, 100ms);
    co_await create_task(slow(2ms));
    co_await sleep(30ms);  // waiting is no work
  };
  EXPECT_EQ(reports_of(main(), 1s), Log{});
}

TEST(Debug, TellsOfASlowCallback) {
  const auto main = []() -> Coroutine<> {
    Loop::running().call_soon([] { block(30ms); });
    co_await sleep(0s);
  };
  EXPECT_TRUE(matches(reports_of(main(), 20ms), R"(a callback: kept the loop for 0\.\d{3} s)"));
}

TEST(Debug, TellsOfACoroutineThatWasNeverAwaited) {
  const auto main = []() -> Coroutine<> {
    { const auto forgotten = slow(0s); }
    co_await slow(0s);
    const auto called_off = create_task(slow(0s));
    called_off.cancel();
    static_cast<void>(co_await how_ends(called_off));
  };
  EXPECT_TRUE(matches(reports_of(main()),
                      R"(coroutine slow \(.*engines/coro/debug_test.cpp:\d+\) was never awaited)"));
}

TEST(Debug, TellsOfAnExceptionThatNobodyTook) {
  const auto main = []() -> Coroutine<> {
    create_task(fail_with("not taken"));
    EXPECT_EQ(co_await how_ends(create_task(fail_with("taken"))), "taken");
    const auto asked = create_task(fail_with("asked for"));
    co_await turns(3);
    EXPECT_NE(asked.exception(), nullptr);
  };
  EXPECT_TRUE(
      matches(reports_of(main()),
              R"(task fail_with \(.*engines/coro/testing.hpp:\d+\), created at )"
              R"(.*engines/coro/debug_test.cpp:\d+: nobody took its exception: not taken)"));
}

TEST(Debug, TellsOfAFuturesExceptionThatNobodyTook) {
  const auto main = []() -> Coroutine<> {
    Future<>().set_exception(std::runtime_error("not taken"));
    co_return;
  };
  EXPECT_EQ(reports_of(main()), Log{"a future: nobody took its exception: not taken"});
}

// The exception is told of outside of debug mode too, as in asyncio, and on standard error.
TEST(Debug, OffTellsOnlyOfExceptions) {
  testing::internal::CaptureStderr();
  const auto main = []() -> Coroutine<> {
    { const auto forgotten = slow(0s); }
    create_task(fail_with("not taken"));
    co_await create_task(slow(120ms));
  };
  run(main());
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("nobody took its exception: not taken\n"), std::string::npos);
  EXPECT_EQ(std::ranges::count(said, '\n'), 1);
}

TEST(Debug, IsOnWhereItIsAskedFor) {
  const auto is_on = []() -> Coroutine<bool> { co_return Loop::running().debug() != nullptr; };
  unsetenv("CONTEND_DEBUG");
  EXPECT_FALSE(run(is_on()));
  EXPECT_TRUE(run(is_on(), true));
  setenv("CONTEND_DEBUG", "1", 1);
  EXPECT_TRUE(run(is_on()));
  setenv("CONTEND_DEBUG", "0", 1);
  EXPECT_FALSE(run(is_on()));
  unsetenv("CONTEND_DEBUG");
}

TEST(Debug, MayBeSwitchedOffByTheStepThatItWatches) {
  const auto main = []() -> Coroutine<> {
    Loop& loop = Loop::running();
    co_await sleep(0s);
    loop.set_debug(false);
    block(30ms);
    co_await sleep(0s);
    EXPECT_EQ(loop.debug(), nullptr);
    loop.set_debug(true);
    EXPECT_EQ(loop.debug()->slow_callback_duration, 20ms);
  };
  EXPECT_LE(reports_of(main(), 20ms).size(), 1U);
}

}  // namespace
}  // namespace contend::coro
