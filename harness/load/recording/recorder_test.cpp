// What a run's recorder makes of what sessions report. No sockets, no waiting.
#include "harness/load/recording/recorder.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// A schedule that began long ago, so that all of it is overdue.
const TimePoint began = Clock::now() - 1h;

Schedule overdue(std::uint64_t count) {
  return Schedule::constant(1000, count * 1ms);
}

Exchange exchange(TimePoint sent, TimePoint answered, std::uint32_t client = 0) {
  return {.client = client, .sent = sent, .answered = answered};
}

/// A run of one shard.
struct Alone {
  Alone(std::uint32_t clients, std::uint32_t pipeline, const std::optional<Schedule>& schedule,
        std::uint64_t requests, TimePoint schedule_begin = began)
      : agenda(schedule, schedule_begin, requests, false), recorder(agenda, 0, clients, pipeline) {}
  Agenda agenda;
  RunRecorder recorder;
};

std::uint64_t errors_of(const RunRecorder& recorder, ReplyError error) {
  return recorder.counts(Clock::now()).errors[static_cast<std::size_t>(error)];
}

TEST(RunRecorder, OfAClosedLoopMeasuresFromTheSendOn) {
  Alone alone(1, 1, std::nullopt, 0);
  RunRecorder& recorder = alone.recorder;
  EXPECT_TRUE(recorder.goes_on(0, 0));
  EXPECT_LE(recorder.claim(0, Clock::now()), Clock::now());
  recorder.replied(exchange(began, began + 5ms));
  EXPECT_EQ(recorder.service_time().max(), 5ms);
  EXPECT_EQ(recorder.response_time().count(), 0U) << "there is no intended time";
  EXPECT_EQ(recorder.counts(Clock::now()).answered, 1U);
}

TEST(RunRecorder, OfAnOpenLoopMeasuresFromTheIntendedTimeOn) {
  Alone alone(1, 1, overdue(2), 0);
  RunRecorder& recorder = alone.recorder;
  EXPECT_EQ(recorder.claim(0, Clock::now()), began);
  recorder.replied(exchange(began + 3ms, began + 10ms));
  EXPECT_EQ(recorder.response_time().max(), 10ms);
  EXPECT_EQ(recorder.service_time().max(), 7ms);
  EXPECT_EQ(recorder.send_lag().count(), 0U) << "it was due before the connection was free";
  EXPECT_EQ(recorder.queued(), 1U);
  EXPECT_EQ(recorder.claim(0, Clock::now()), began + 1ms);
  EXPECT_FALSE(recorder.goes_on(0, 1)) << "the schedule is over";
  EXPECT_TRUE(recorder.goes_on(0, 0)) << "the connection stays";
  EXPECT_EQ(recorder.claim(0, Clock::now()), TimePoint::max());
  EXPECT_EQ(recorder.counts(Clock::now()).sent, 2U);
}

TEST(RunRecorder, GivesPipelinedAnswersTheirOwnTimes) {
  Alone alone(2, 3, overdue(7), 0);
  RunRecorder& recorder = alone.recorder;
  for (const std::uint32_t client : {0, 1, 0, 1, 0}) recorder.claim(client, Clock::now());
  const TimePoint answered = began + 100ms;
  for (int i = 0; i < 2; ++i) recorder.replied(exchange(began, answered, 1));
  EXPECT_EQ(recorder.response_time().max(), 99ms);
  EXPECT_EQ(recorder.response_time().min(), 97ms);
  for (int i = 0; i < 2; ++i) recorder.replied(exchange(began, answered, 0));
  for (int i = 0; i < 2; ++i) recorder.claim(0, Clock::now());  // round its end
  for (int i = 0; i < 3; ++i) recorder.replied(exchange(began, answered, 0));
  EXPECT_EQ(recorder.response_time().max(), 100ms);
  EXPECT_EQ(recorder.response_time().min(), 94ms);
  EXPECT_EQ(recorder.counts(answered).in_flight, 0U);
}

/// Whether so many answers at once are what they are one by one.
void expect_equal(const RunRecorder& at_once, const RunRecorder& one_by_one) {
  EXPECT_EQ(at_once.service_time(), one_by_one.service_time());
  EXPECT_EQ(at_once.response_time(), one_by_one.response_time());
  EXPECT_EQ(at_once.send_lag(), one_by_one.send_lag());
  EXPECT_EQ(at_once.queued(), one_by_one.queued());
  const Counts a = at_once.counts(Clock::now()), b = one_by_one.counts(Clock::now());
  EXPECT_EQ(std::tie(a.sent, a.answered, a.in_flight), std::tie(b.sent, b.answered, b.in_flight));
}

TEST(RunRecorder, TakesABatchAsItsSingleRequests) {
  const std::optional<Schedule> schedules[] = {std::nullopt, overdue(40)};
  for (const auto& schedule : schedules)
    for (const std::uint64_t limit : {0U, 20U}) {
      Alone at_once(2, 8, schedule, limit), one_by_one(2, 8, schedule, limit);
      for (const std::uint32_t client : {0, 1, 0}) {
        std::uint64_t claimed = 0;
        for (; claimed < 8 && one_by_one.recorder.goes_on(client, claimed); ++claimed)
          one_by_one.recorder.claim(client, Clock::now());
        EXPECT_EQ(at_once.recorder.claim_more(client, 0, 8, Clock::now()), claimed);
        for (std::uint64_t i = 0; i < claimed; ++i)
          one_by_one.recorder.replied(exchange(began + 60ms, began + 61ms, client));
        at_once.recorder.replied_all(exchange(began + 60ms, began + 61ms, client), claimed);
        expect_equal(at_once.recorder, one_by_one.recorder);
      }
    }
}

TEST(RunRecorder, ClaimsNoBatchAfterTheEnd) {
  Alone told(1, 8, std::nullopt, 0);
  told.agenda.end();
  EXPECT_EQ(told.recorder.claim_more(0, 0, 8, Clock::now()), 0U);
}

TEST(RunRecorder, CountsWhatFailedApart) {
  Alone alone(1, 2, overdue(9), 0);
  RunRecorder& recorder = alone.recorder;
  recorder.failed({.client = 0}, ReplyError::refused);  // nothing was sent
  recorder.claim(0, Clock::now());
  recorder.claim(0, Clock::now());
  recorder.failed(exchange(began, began + 1s), ReplyError::wrong_status);
  recorder.replied(exchange(began, began + 2ms));
  EXPECT_EQ(errors_of(recorder, ReplyError::refused), 1U);
  EXPECT_EQ(errors_of(recorder, ReplyError::wrong_status), 1U);
  EXPECT_EQ(recorder.counts(Clock::now()).failed(), 2U);
  EXPECT_EQ(recorder.counts(Clock::now()).failed_requests, 1U);
  EXPECT_EQ(recorder.response_time().count(), 1U);
  EXPECT_EQ(recorder.response_time().max(), 1ms) << "the second was intended a millisecond later";
}

TEST(RunRecorder, RecordsNothingOfTheWarmUp) {
  const TimePoint from = began + 10ms;
  Agenda agenda(overdue(9), began, 0, false, 10ms);
  RunRecorder recorder(agenda, 0, 1, 1);
  for (const TimePoint ended : {from - 1ns, from}) {
    recorder.claim(0, Clock::now());
    recorder.replied(exchange(began, ended));
    recorder.claim(0, Clock::now());
    recorder.failed(exchange(began, ended), ReplyError::reset);
    recorder.failed({.client = 0, .answered = ended}, ReplyError::refused);
  }
  const Counts counts = recorder.counts(Clock::now());
  EXPECT_EQ(counts.answered, 1U);
  EXPECT_EQ(counts.failed(), 2U);
  EXPECT_EQ(counts.failed_requests, 1U);
  EXPECT_EQ(counts.sent, 4U);
  EXPECT_EQ(counts.in_flight, 0U) << "what ended unseen is not in flight";
  EXPECT_EQ(recorder.response_time().count(), 1U);
  EXPECT_EQ(recorder.queued(), 1U);
}

TEST(RunRecorder, TellsTheLoadsOwnLatenessFromAQueue) {
  const TimePoint due = Clock::now() + 1h;
  Alone alone(1, 1, Schedule::constant(1, 1s), 0, due);
  EXPECT_EQ(alone.recorder.claim(0, Clock::now()), due);
  EXPECT_EQ(alone.recorder.counts(due - 1ns).sent, 0U) << "it is held";
  EXPECT_EQ(alone.recorder.counts(due).sent, 1U);
  alone.recorder.replied(exchange(due + 20us, due + 1ms));
  EXPECT_EQ(alone.recorder.send_lag().max(), 20us);
  EXPECT_EQ(alone.recorder.queued(), 0U);
}

/// A connection ends that holds a request: the request has queued when another connection sends it.
TEST(RunRecorder, QueuesARequestWhoseConnectionEnds) {
  const TimePoint due = Clock::now() + 1h;
  Alone alone(2, 1, Schedule::constant(1, 2s), 2, due);
  RunRecorder& recorder = alone.recorder;
  EXPECT_TRUE(recorder.goes_on(0, 0));
  EXPECT_EQ(recorder.claim(0, due - 1s), due);
  recorder.give_back(0);
  EXPECT_EQ(alone.agenda.left(), 2U);
  EXPECT_EQ(recorder.counts(due).sent, 0U);
  EXPECT_TRUE(recorder.goes_on(1, 0));
  EXPECT_EQ(recorder.claim(1, due + 3ms), due);
  recorder.replied(exchange(due + 3ms, due + 4ms, 1));
  EXPECT_EQ(recorder.queued(), 1U);
  EXPECT_EQ(recorder.send_lag().count(), 0U);
  EXPECT_EQ(recorder.response_time().max(), 4ms);
  EXPECT_EQ(recorder.counts(due + 1h).in_flight, 0U);
}

TEST(RunRecorder, SaysSinceWhenRequestsInFlightHaveWaited) {
  Alone open(2, 3, overdue(5), 0), closed(2, 3, std::nullopt, 0);
  for (Alone* const alone : {&open, &closed}) {
    for (int i = 0; i < 3; ++i) alone->recorder.claim(0, began + 10ms);
    alone->recorder.claim(1, began + 20ms);
    alone->recorder.replied(exchange(began + 10ms, began + 11ms, 0));
  }
  EXPECT_EQ(open.recorder.waiting_since(began + 1h),
            (std::vector{began + 1ms, began + 2ms, began + 3ms}));
  EXPECT_EQ(closed.recorder.waiting_since(began + 1h),
            (std::vector{began + 10ms, began + 10ms, began + 20ms}));
  // One that is held is not in flight.
  EXPECT_EQ(open.recorder.claim(1, began), began + 4ms);
  EXPECT_EQ(open.recorder.waiting_since(began + 4ms).size(), 3U);
}

TEST(RunRecorder, SaysWhatIsInFlight) {
  Alone alone(3, 1, overdue(10), 0);
  for (const std::uint32_t client : {0, 1, 2}) alone.recorder.claim(client, Clock::now());
  alone.recorder.replied(exchange(began, began + 1ms, 1));
  const Counts counts = alone.recorder.counts(began + 1h);
  EXPECT_EQ(counts.sent, 3U);
  EXPECT_EQ(counts.in_flight, 2U);
}

TEST(RunRecorder, TellsWhenEachClientHasHadAConnection) {
  Alone alone(2, 1, std::nullopt, 0);
  EXPECT_TRUE(alone.recorder.goes_on(0, 0));
  alone.recorder.claim(0, Clock::now());
  EXPECT_EQ(alone.recorder.all_connected(), std::nullopt);
  alone.recorder.replied(exchange(began, began + 1ms));
  alone.recorder.claim(0, Clock::now());
  EXPECT_EQ(alone.recorder.all_connected(), std::nullopt);
  alone.recorder.claim(1, Clock::now());
  EXPECT_LE(alone.recorder.all_connected().value(), Clock::now());
}

TEST(RunRecorder, EndsAfterSoManyRequestsAndWhenItIsTold) {
  Alone limited(1, 4, std::nullopt, 3);
  int sent = 0;
  for (; limited.recorder.goes_on(0, static_cast<std::uint64_t>(sent)); ++sent)
    limited.recorder.claim(0, Clock::now());
  EXPECT_EQ(sent, 3);
  Alone told(1, 1, std::nullopt, 0);
  told.agenda.end();
  EXPECT_FALSE(told.recorder.goes_on(0, 0));
}

/// What one shard has reserved and has no use for, another client of it takes.
TEST(RunRecorder, SharesTheRequestsWithOtherShards) {
  Agenda agenda(std::nullopt, began, 2, true);
  RunRecorder one(agenda, 0, 2, 1), other(agenda, 2, 1, 1);
  EXPECT_TRUE(one.goes_on(0, 0));
  EXPECT_TRUE(one.goes_on(1, 0)) << "the same one: nobody has claimed it";
  EXPECT_TRUE(other.goes_on(2, 0));
  other.claim(2, Clock::now());
  EXPECT_FALSE(other.goes_on(2, 0));
  EXPECT_TRUE(one.goes_on(1, 0));
  one.claim(1, Clock::now());
  EXPECT_FALSE(one.goes_on(0, 0));
}

TEST(RunRecorder, NeverSendsWhatAnotherShardHasTaken) {
  Agenda agenda(overdue(3), began, 0, true);
  RunRecorder one(agenda, 0, 1, 8), other(agenda, 1, 1, 8);
  one.claim(0, Clock::now());
  EXPECT_TRUE(one.goes_on(0, 1));
  EXPECT_TRUE(other.goes_on(1, 1));
  EXPECT_EQ(one.claim(0, Clock::now()), began + 1ms);
  EXPECT_EQ(other.claim(1, Clock::now()), began + 2ms);
  EXPECT_FALSE(one.goes_on(0, 2));
}

}  // namespace
}  // namespace contend::load
