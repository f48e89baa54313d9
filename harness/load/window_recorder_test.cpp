// The recorder of a load, with made-up time points.
#include "harness/load/window_recorder.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "harness/testing/allocation_counter.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration since) {
  return TimePoint(1h) + since;
}

TimePoint made_up_now{};

LoadRecorder made_up(std::uint32_t clients, std::size_t kinds) {
  return LoadRecorder(clients, kinds, [] { return made_up_now; });
}

std::uint64_t count(const ErrorCounts& counts, ReplyError error) {
  return counts[static_cast<std::size_t>(error)];
}

TEST(LoadRecorderTest, AReplyBelongsToTheWindowInWhichItWasAnswered) {
  LoadRecorder recorder = made_up(1, 1);
  recorder.replied({.sent = at(0ms), .answered = at(1ms)});  // nobody has opened a window
  recorder.open_window(at(100ms));
  recorder.replied({.sent = at(98ms), .answered = at(100ms) - 1ns});
  EXPECT_EQ(recorder.operations(), 0U);
  recorder.replied({.sent = at(90ms), .answered = at(100ms)});
  recorder.replied({.sent = at(150ms), .answered = at(153ms)});
  recorder.close();
  recorder.replied({.sent = at(150ms), .answered = at(200ms)});
  EXPECT_EQ(recorder.operations(), 2U);
  EXPECT_EQ(recorder.latencies(0).count(), 2U);
  EXPECT_EQ(recorder.latencies(0).max(), 10ms);
  EXPECT_EQ(recorder.all_latencies(), recorder.latencies(0));
}

TEST(LoadRecorderTest, ABatchCountsAsItsSingleReplies) {
  LoadRecorder recorder = made_up(1, 1);
  recorder.open_window(at(0ms));
  recorder.replied_all({.sent = at(0ms), .answered = at(3ms)}, 16);
  EXPECT_EQ(recorder.operations(), 16U);
  EXPECT_EQ(recorder.latencies(0).count(), 16U);
  EXPECT_EQ(recorder.latencies(0).mean_ns(), 3e6);
}

TEST(LoadRecorderTest, KindsAreApartAndAllTogether) {
  LoadRecorder recorder = made_up(2, 2);
  recorder.open_window(at(0ms));
  recorder.replied({.client = 0, .kind = 0, .sent = at(0ms), .answered = at(1ms)});
  recorder.replied({.client = 1, .kind = 1, .sent = at(0ms), .answered = at(50ms)});
  recorder.replied({.client = 1, .kind = 0, .sent = at(0ms), .answered = at(2ms)});
  EXPECT_EQ(recorder.latencies(0).count(), 2U);
  EXPECT_EQ(recorder.latencies(1).count(), 1U);
  EXPECT_EQ(recorder.latencies(1).max(), 50ms);
  EXPECT_EQ(recorder.all_latencies().count(), 3U);
  EXPECT_EQ(recorder.all_latencies().min(), 1ms);
}

TEST(LoadRecorderTest, FairnessIsJains) {
  const auto with_operations = [](const std::vector<int>& operations) {
    auto recorder = std::make_unique<LoadRecorder>(operations.size(), 1);
    recorder->open_window(at(0ms));
    for (std::uint32_t client = 0; client < operations.size(); ++client)
      for (int i = 0; i < operations[client]; ++i)
        recorder->replied({.client = client, .sent = at(0ms), .answered = at(1ms)});
    return recorder;
  };
  EXPECT_DOUBLE_EQ(with_operations({5, 5, 5, 5})->fairness_jain().value(), 1);
  EXPECT_DOUBLE_EQ(with_operations({20, 0, 0, 0})->fairness_jain().value(), 0.25);
  EXPECT_EQ(with_operations({20, 0, 0, 0})->starved_clients(), 3U);
  EXPECT_DOUBLE_EQ(with_operations({1, 2, 3})->fairness_jain().value(), 36.0 / 42);
  EXPECT_EQ(with_operations({1, 2, 3})->starved_clients(), 0U);
  EXPECT_EQ(with_operations({0, 0})->fairness_jain(), std::nullopt);
}

TEST(LoadRecorderTest, ErrorsAreCountedByKindAndPhase) {
  LoadRecorder recorder = made_up(2, 1);
  recorder.failed({.client = 0}, ReplyError::refused);
  recorder.open_window(at(100ms));
  made_up_now = at(99ms);
  recorder.failed({.client = 0}, ReplyError::refused);
  EXPECT_EQ(recorder.first_error(), std::nullopt);
  made_up_now = at(120ms);
  recorder.failed({.client = 0}, ReplyError::wrong_body);
  made_up_now = at(130ms);
  recorder.failed({.client = 1}, ReplyError::wrong_body);
  recorder.failed({.client = 1}, ReplyError::timed_out);
  recorder.close();
  recorder.failed({.client = 1}, ReplyError::timed_out);
  EXPECT_EQ(count(recorder.warmup_errors(), ReplyError::refused), 2U);
  EXPECT_EQ(count(recorder.errors(), ReplyError::refused), 0U);
  EXPECT_EQ(count(recorder.errors(), ReplyError::wrong_body), 2U);
  EXPECT_EQ(count(recorder.errors(), ReplyError::timed_out), 1U);
  EXPECT_EQ(recorder.first_error(), at(120ms));
  EXPECT_EQ(recorder.operations(), 0U);
}

TEST(LoadRecorderTest, NothingChangesOnceItIsClosed) {
  LoadRecorder recorder = made_up(1, 1);
  recorder.open_window(at(0ms));
  EXPECT_TRUE(recorder.goes_on(0, 0));
  recorder.replied({.sent = at(0ms), .answered = at(1ms)});
  recorder.close();
  EXPECT_TRUE(recorder.over());
  EXPECT_FALSE(recorder.goes_on(0, 0));
  recorder.replied({.sent = at(1ms), .answered = at(2ms)});
  made_up_now = at(3ms);
  recorder.failed({.client = 0}, ReplyError::reset);
  EXPECT_EQ(recorder.operations(), 1U);
  EXPECT_EQ(recorder.errors(), ErrorCounts{});
}

TEST(LoadRecorderTest, RecordingAllocatesNothing) {
  LoadRecorder recorder = made_up(3, 2);
  const std::uint64_t before = allocations_of_this_thread();
  recorder.open_window(at(0ms));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    recorder.replied({.client = i % 3,
                      .kind = static_cast<std::uint8_t>(i % 2),
                      .sent = at(0ms),
                      .answered = at(i * 1us)});
    recorder.failed({.client = i % 3}, ReplyError::malformed);
  }
  recorder.close();
  EXPECT_EQ(allocations_of_this_thread(), before);
  EXPECT_EQ(recorder.operations(), 1000U);
}

TEST(LoadRecorderTest, AnotherThreadMayCloseItAndReadTheResults) {
  for (int round = 0; round < 50; ++round) {
    LoadRecorder recorder(1, 1);
    std::atomic<bool> began{false};
    std::thread driving([&] {
      while (recorder.goes_on(0, 0)) {
        recorder.replied({.sent = at(0ms), .answered = at(1ms)});
        if (recorder.operations() > 0) began = true;
      }
    });
    recorder.open_window(at(0ms));
    while (!began) std::this_thread::yield();
    recorder.close();
    const std::uint64_t operations = recorder.operations();
    EXPECT_EQ(recorder.all_latencies().count(), operations);
    driving.join();
    EXPECT_EQ(recorder.operations(), operations);
  }
}

}  // namespace
}  // namespace contend
