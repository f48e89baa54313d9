// What a run's recorder makes of what sessions report. No sockets, no waiting.
#include "harness/load/recorder.hpp"

#include <gtest/gtest.h>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// A schedule that began long ago, so that all of it is overdue.
const TimePoint begin = Clock::now() - 1h;

Arrivals overdue(std::uint64_t count) {
  return {{.rate_per_s = 1000}, begin, begin + count * 1ms};
}

Exchange exchange(TimePoint sent, TimePoint answered, std::uint32_t client = 0) {
  return {.client = client, .sent = sent, .answered = answered};
}

TEST(RunRecorder, OfAClosedLoopMeasuresFromTheSendOn) {
  RunRecorder recorder(1, 1, std::nullopt, 0);
  EXPECT_TRUE(recorder.goes_on(0, 0));
  EXPECT_LE(recorder.claim(0), Clock::now());
  recorder.replied(exchange(begin, begin + 5ms));
  EXPECT_EQ(recorder.service_time().max(), 5ms);
  EXPECT_EQ(recorder.response_time().count(), 0U) << "there is no intended time";
  EXPECT_EQ(recorder.progress().answered, 1U);
}

TEST(RunRecorder, OfAnOpenLoopMeasuresFromTheIntendedTimeOn) {
  RunRecorder recorder(1, 1, overdue(2), 0);
  EXPECT_EQ(recorder.claim(0), begin);
  recorder.replied(exchange(begin + 3ms, begin + 10ms));
  EXPECT_EQ(recorder.response_time().max(), 10ms);
  EXPECT_EQ(recorder.service_time().max(), 7ms);
  EXPECT_EQ(recorder.send_lag().max(), 3ms);
  EXPECT_EQ(recorder.claim(0), begin + 1ms);
  EXPECT_FALSE(recorder.goes_on(0, 0)) << "the schedule is over";
}

TEST(RunRecorder, GivesPipelinedAnswersTheirOwnTimes) {
  RunRecorder recorder(2, 3, overdue(7), 0);
  for (const std::uint32_t client : {0, 1, 0, 1, 0}) recorder.claim(client);
  const TimePoint answered = begin + 100ms;
  for (int i = 0; i < 2; ++i) recorder.replied(exchange(begin, answered, 1));
  EXPECT_EQ(recorder.response_time().max(), 99ms);
  EXPECT_EQ(recorder.response_time().min(), 97ms);
  for (int i = 0; i < 2; ++i) recorder.replied(exchange(begin, answered, 0));
  for (int i = 0; i < 2; ++i) recorder.claim(0);  // round its end
  for (int i = 0; i < 3; ++i) recorder.replied(exchange(begin, answered, 0));
  EXPECT_EQ(recorder.response_time().max(), 100ms);
  EXPECT_EQ(recorder.response_time().min(), 94ms);
  EXPECT_EQ(recorder.unanswered(answered), 0U);
}

TEST(RunRecorder, CountsWhatFailedApart) {
  RunRecorder recorder(1, 2, overdue(9), 0);
  recorder.failed({.client = 0}, ReplyError::refused);  // nothing was sent
  recorder.claim(0);
  recorder.claim(0);
  recorder.failed(exchange(begin, begin + 1s), ReplyError::wrong_status);
  recorder.replied(exchange(begin, begin + 2ms));
  EXPECT_EQ(recorder.errors(ReplyError::refused), 1U);
  EXPECT_EQ(recorder.errors(ReplyError::wrong_status), 1U);
  EXPECT_EQ(recorder.progress().failed, 2U);
  EXPECT_EQ(recorder.response_time().count(), 1U);
  EXPECT_EQ(recorder.response_time().max(), 1ms) << "the second was intended a millisecond later";
}

TEST(RunRecorder, SaysWhatWasLeft) {
  RunRecorder recorder(3, 1, overdue(10), 0);
  for (const std::uint32_t client : {0, 1, 2}) recorder.claim(client);
  recorder.replied(exchange(begin, begin + 1ms, 1));
  EXPECT_EQ(recorder.unanswered(begin + 1h), 2U);
  EXPECT_EQ(recorder.unanswered(begin + 1ms), 1U) << "the third was not due yet";
  EXPECT_EQ(recorder.unsent(begin + 1h), 7U);
}

TEST(RunRecorder, EndsAfterSoManyRequestsAndWhenItIsTold) {
  RunRecorder limited(1, 4, std::nullopt, 3);
  int sent = 0;
  for (; limited.goes_on(0, static_cast<std::uint64_t>(sent)); ++sent) limited.claim(0);
  EXPECT_EQ(sent, 3);
  RunRecorder scheduled(1, 1, overdue(9), 3);
  scheduled.claim(0);
  EXPECT_EQ(scheduled.unsent(Clock::now()), 2U) << "nobody asked for the other six";
  RunRecorder told(1, 1, std::nullopt, 0);
  told.end();
  EXPECT_FALSE(told.goes_on(0, 0));
}

}  // namespace
}  // namespace contend::load
