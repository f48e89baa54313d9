// What a run's recorder makes of what sessions report. No sockets, no waiting.
#include "harness/load/recording/recorder.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "harness/testing/allocation_counter.hpp"

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
      : state(schedule, schedule_begin, requests, false),
        admission(state, 0, clients, pipeline),
        recorder(admission) {}
  RunState state;
  RunAdmission admission;
  RunRecorder recorder;
};

std::uint64_t errors_of(const RunRecorder& recorder, ReplyError error) {
  return recorder.counts(Clock::now()).errors[static_cast<std::size_t>(error)];
}

TEST(RunRecorder, OfAClosedLoopMeasuresFromTheSendOn) {
  Alone alone(1, 1, std::nullopt, 0);
  RunAdmission& admission = alone.admission;
  RunRecorder& recorder = alone.recorder;
  EXPECT_TRUE(admission.admit(0, 0));
  EXPECT_LE(admission.take(0, Clock::now()), Clock::now());
  recorder.replied(exchange(began, began + 5ms));
  EXPECT_EQ(recorder.service_time().max(), 5ms);
  EXPECT_EQ(recorder.response_time().count(), 0U) << "there is no intended time";
  EXPECT_EQ(recorder.counts(Clock::now()).answered, 1U);
}

TEST(RunRecorder, OfAnOpenLoopMeasuresFromTheIntendedTimeOn) {
  Alone alone(1, 1, overdue(2), 0);
  RunAdmission& admission = alone.admission;
  RunRecorder& recorder = alone.recorder;
  EXPECT_EQ(admission.take(0, Clock::now()), began);
  recorder.replied(exchange(began + 3ms, began + 10ms));
  EXPECT_EQ(recorder.response_time().max(), 10ms);
  EXPECT_EQ(recorder.service_time().max(), 7ms);
  EXPECT_EQ(recorder.send_lag().count(), 0U) << "it was due before the connection was free";
  EXPECT_EQ(recorder.queued(), 1U);
  EXPECT_EQ(admission.take(0, Clock::now()), began + 1ms);
  EXPECT_FALSE(admission.admit(0, 1)) << "the schedule is over";
  EXPECT_TRUE(admission.admit(0, 0)) << "the connection stays";
  EXPECT_EQ(admission.take(0, Clock::now()), TimePoint::max());
  EXPECT_EQ(recorder.counts(Clock::now()).sent, 2U);
}

TEST(RunRecorder, GivesPipelinedAnswersTheirOwnTimes) {
  Alone alone(2, 3, overdue(7), 0);
  RunAdmission& admission = alone.admission;
  RunRecorder& recorder = alone.recorder;
  for (const std::uint32_t client : {0, 1, 0, 1, 0}) admission.take(client, Clock::now());
  const TimePoint answered = began + 100ms;
  for (int i = 0; i < 2; ++i) recorder.replied(exchange(began, answered, 1));
  EXPECT_EQ(recorder.response_time().max(), 99ms);
  EXPECT_EQ(recorder.response_time().min(), 97ms);
  for (int i = 0; i < 2; ++i) recorder.replied(exchange(began, answered, 0));
  for (int i = 0; i < 2; ++i) admission.take(0, Clock::now());  // round its end
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
        for (; claimed < 8 && one_by_one.admission.admit(client, claimed); ++claimed)
          one_by_one.admission.take(client, Clock::now());
        EXPECT_EQ(at_once.admission.take_more(client, 0, 8, Clock::now()), claimed);
        for (std::uint64_t i = 0; i < claimed; ++i)
          one_by_one.recorder.replied(exchange(began + 60ms, began + 61ms, client));
        at_once.recorder.replied_all(exchange(began + 60ms, began + 61ms, client), claimed);
        expect_equal(at_once.recorder, one_by_one.recorder);
      }
    }
}

TEST(RunRecorder, ClaimsNoBatchAfterTheEnd) {
  Alone told(1, 8, std::nullopt, 0);
  told.state.end();
  EXPECT_EQ(told.admission.take_more(0, 0, 8, Clock::now()), 0U);
}

TEST(RunRecorder, CountsWhatFailedApart) {
  Alone alone(1, 2, overdue(9), 0);
  RunAdmission& admission = alone.admission;
  RunRecorder& recorder = alone.recorder;
  recorder.failed({.client = 0}, ReplyError::refused);  // nothing was sent
  admission.take(0, Clock::now());
  admission.take(0, Clock::now());
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
  RunState state(overdue(9), began, 0, false, from);
  RunAdmission admission(state, 0, 1, 1);
  RunRecorder recorder(admission);
  for (const TimePoint ended : {from - 1ns, from}) {
    admission.take(0, Clock::now());
    recorder.replied(exchange(began, ended));
    admission.take(0, Clock::now());
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

/// Lets the client send one request that is answered then.
void answer(RunAdmission& admission, RunRecorder& recorder, const Exchange& exchange) {
  admission.take(exchange.client, exchange.sent);
  recorder.replied(exchange);
}

TEST(RunRecorder, RecordsWhatEndsBetweenTheEdges) {
  RunState state(std::nullopt, began, 0, false, TimePoint::max());
  RunAdmission admission(state, 0, 1, 1);
  RunRecorder recorder(admission);
  const TimePoint from = began + 100ms, until = began + 200ms;
  answer(admission, recorder, exchange(began, began + 1ms));  // nobody has said when it begins
  state.measure_from(from);
  answer(admission, recorder, exchange(began, from - 1ns));
  EXPECT_EQ(recorder.service_time().count(), 0U);
  answer(admission, recorder, exchange(from - 10ms, from));
  answer(admission, recorder, exchange(until - 3ms, until - 1ns));
  state.end(until);
  answer(admission, recorder, exchange(until - 3ms, until));
  EXPECT_EQ(recorder.counts(until).answered, 2U);
  EXPECT_EQ(recorder.service_time().count(), 2U);
  EXPECT_EQ(recorder.service_time().max(), 10ms);
}

TEST(RunRecorder, CountsErrorsOfTheWarmUpApart) {
  RunState state(std::nullopt, began, 0, false, began + 100ms);
  RunAdmission admission(state, 0, 1, 1);
  RunRecorder recorder(admission);
  recorder.failed({.answered = began + 99ms}, ReplyError::refused);
  recorder.failed({.answered = began + 100ms}, ReplyError::reset);
  state.end(began + 200ms);
  recorder.failed({.answered = began + 200ms}, ReplyError::timed_out);
  KindCounts warm_up{}, measured{};
  warm_up[static_cast<std::size_t>(ReplyError::refused)] = 1;
  measured[static_cast<std::size_t>(ReplyError::reset)] = 1;
  EXPECT_EQ(recorder.warm_up_errors(), warm_up);
  EXPECT_EQ(recorder.counts(began).errors, measured);
}

TEST(RunRecorder, KeepsKindsAndClientsApart) {
  RunState state(std::nullopt, began, 0, false);
  RunAdmission admission(state, 5, 2, 1);
  RunRecorder recorder(admission, 2);
  answer(admission, recorder, {.client = 5, .kind = 0, .sent = began, .answered = began + 1ms});
  answer(admission, recorder, {.client = 6, .kind = 1, .sent = began, .answered = began + 50ms});
  answer(admission, recorder, {.client = 6, .kind = 0, .sent = began, .answered = began + 2ms});
  EXPECT_EQ(recorder.service_time_of(0).count(), 2U);
  EXPECT_EQ(recorder.service_time_of(1).count(), 1U);
  EXPECT_EQ(recorder.service_time_of(1).max(), 50ms);
  EXPECT_EQ(recorder.service_time().count(), 3U);
  EXPECT_EQ(recorder.service_time(), recorder.snapshot());
  EXPECT_EQ(recorder.answered_by_client(), (std::vector<std::uint64_t>{1, 2}));
}

TEST(RunRecorder, AllocatesNothingWhileItRecords) {
  Alone open(3, 2, overdue(1000), 0), closed(3, 2, std::nullopt, 0);
  for (Alone* const alone : {&open, &closed}) {
    RunAdmission& admission = alone->admission;
    RunRecorder& recorder = alone->recorder;
    answer(admission, recorder, exchange(began, began + 1ms));
    const std::uint64_t before = allocations_of_this_thread();
    for (std::uint32_t i = 0; i < 300; ++i) {
      const std::uint32_t client = i % 3;
      answer(admission, recorder, exchange(began, began + i * 1us, client));
      admission.take(client, began);
      recorder.failed(exchange(began, began + i * 1us, client), ReplyError::malformed);
    }
    EXPECT_EQ(allocations_of_this_thread(), before);
  }
}

TEST(RunRecorder, TellsTheLoadsOwnLatenessFromAQueue) {
  const TimePoint due = Clock::now() + 1h;
  Alone alone(1, 1, Schedule::constant(1, 1s), 0, due);
  EXPECT_EQ(alone.admission.take(0, Clock::now()), due);
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
  RunAdmission& admission = alone.admission;
  RunRecorder& recorder = alone.recorder;
  EXPECT_TRUE(admission.admit(0, 0));
  EXPECT_EQ(admission.take(0, due - 1s), due);
  admission.give_back(0);
  EXPECT_EQ(alone.state.left(), 2U);
  EXPECT_EQ(recorder.counts(due).sent, 0U);
  EXPECT_TRUE(admission.admit(1, 0));
  EXPECT_EQ(admission.take(1, due + 3ms), due);
  recorder.replied(exchange(due + 3ms, due + 4ms, 1));
  EXPECT_EQ(recorder.queued(), 1U);
  EXPECT_EQ(recorder.send_lag().count(), 0U);
  EXPECT_EQ(recorder.response_time().max(), 4ms);
  EXPECT_EQ(recorder.counts(due + 1h).in_flight, 0U);
}

}  // namespace
}  // namespace contend::load
