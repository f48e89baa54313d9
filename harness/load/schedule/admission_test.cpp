// When sessions may send, and what they have in flight. No sockets, no waiting.
#include "harness/load/schedule/admission.hpp"

#include <gtest/gtest.h>

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// A schedule that began long ago, so that all of it is overdue.
const TimePoint began = Clock::now() - 1h;

Schedule overdue(std::uint64_t count) {
  return Schedule::constant(1000, count * 1ms);
}

/// A load of one thread.
struct Alone {
  Alone(std::uint32_t clients, std::uint32_t pipeline, const std::optional<Schedule>& schedule,
        std::uint64_t requests)
      : state(schedule, began, requests, false), admission(state, 0, clients, pipeline) {}
  RunState state;
  RunAdmission admission;
};

TEST(RunAdmission, SaysSinceWhenRequestsInFlightHaveWaited) {
  Alone open(2, 3, overdue(5), 0), closed(2, 3, std::nullopt, 0);
  for (Alone* const alone : {&open, &closed}) {
    for (int i = 0; i < 3; ++i) alone->admission.take(0, began + 10ms);
    alone->admission.take(1, began + 20ms);
    alone->admission.end(0, 1);
    if (alone == &open) alone->admission.take_intended(0);
  }
  EXPECT_EQ(open.admission.waiting_since(began + 1h),
            (std::vector{began + 1ms, began + 2ms, began + 3ms}));
  EXPECT_EQ(closed.admission.waiting_since(began + 1h),
            (std::vector{began + 10ms, began + 10ms, began + 20ms}));
  // One that is held is not in flight.
  EXPECT_EQ(open.admission.take(1, began), began + 4ms);
  EXPECT_EQ(open.admission.waiting_since(began + 4ms).size(), 3U);
}

TEST(RunAdmission, SaysWhatIsInFlight) {
  Alone alone(3, 1, overdue(10), 0);
  for (const std::uint32_t client : {0, 1, 2}) alone.admission.take(client, Clock::now());
  alone.admission.end(1, 1);
  const Flow flow = alone.admission.flow(began + 1h);
  EXPECT_EQ(flow.sent, 3U);
  EXPECT_EQ(flow.in_flight, 2U);
}

TEST(RunAdmission, TellsWhenEachClientHasHadAConnection) {
  Alone alone(2, 1, std::nullopt, 0);
  EXPECT_TRUE(alone.admission.admit(0, 0));
  alone.admission.take(0, Clock::now());
  EXPECT_EQ(alone.admission.all_connected(), std::nullopt);
  alone.admission.end(0, 1);
  alone.admission.take(0, Clock::now());
  EXPECT_EQ(alone.admission.all_connected(), std::nullopt);
  alone.admission.take(1, Clock::now());
  EXPECT_LE(alone.admission.all_connected().value(), Clock::now());
}

TEST(RunAdmission, EndsAfterSoManyRequestsAndWhenItIsTold) {
  Alone limited(1, 4, std::nullopt, 3);
  int sent = 0;
  for (; limited.admission.admit(0, static_cast<std::uint64_t>(sent)); ++sent)
    limited.admission.take(0, Clock::now());
  EXPECT_EQ(sent, 3);
  Alone told(1, 1, std::nullopt, 0);
  told.state.end();
  EXPECT_FALSE(told.admission.admit(0, 0));
}

/// What one thread has reserved and does not need for one client, another client of it takes.
TEST(RunAdmission, SharesTheRequestsWithOtherThreads) {
  RunState state(std::nullopt, began, 2, true);
  RunAdmission one(state, 0, 2, 1), other(state, 2, 1, 1);
  EXPECT_TRUE(one.admit(0, 0));
  EXPECT_TRUE(one.admit(1, 0)) << "the same one: it is not taken yet";
  EXPECT_TRUE(other.admit(2, 0));
  other.take(2, Clock::now());
  EXPECT_FALSE(other.admit(2, 0));
  EXPECT_TRUE(one.admit(1, 0));
  one.take(1, Clock::now());
  EXPECT_FALSE(one.admit(0, 0));
}

TEST(RunAdmission, NeverSendsWhatAnotherThreadHasTaken) {
  RunState state(overdue(3), began, 0, true);
  RunAdmission one(state, 0, 1, 8), other(state, 1, 1, 8);
  one.take(0, Clock::now());
  EXPECT_TRUE(one.admit(0, 1));
  EXPECT_TRUE(other.admit(1, 1));
  EXPECT_EQ(one.take(0, Clock::now()), began + 1ms);
  EXPECT_EQ(other.take(1, Clock::now()), began + 2ms);
  EXPECT_FALSE(one.admit(0, 2));
}

}  // namespace
}  // namespace contend::load
