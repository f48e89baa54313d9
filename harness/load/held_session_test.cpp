// Sessions of a window, without any I/O.
#include "harness/load/held_session.hpp"

#include <gtest/gtest.h>

namespace contend::load {
namespace {

constexpr std::byte message[]{std::byte{7}};

/// Sends on every occasion until the load has ended, as the workloads' clients do.
class Chatty final : public Session {
 public:
  Chatty(const RunState& state, int& calls) : state_(state), calls_(calls) {}
  Step on_open() override { return next(); }
  Step on_bytes(Bytes) override { return next(); }
  Step on_sent() override { return next(); }
  Step on_timeout() override { return next(); }
  Step on_failure(Failure) override {
    ++calls_;
    return {.then = Step::Then::reconnect};
  }

 private:
  Step next() {
    ++calls_;
    if (state_.ended()) return {.then = Step::Then::close};
    return {.send = message};
  }
  const RunState& state_;
  int& calls_;
};

bool is_silent(const Step& step) {
  return step.send.empty() && step.then == Step::Then::await_bytes && !step.not_before &&
         !step.reply_within;
}

TEST(HeldSessionTest, PlaysUntilTheEndAndThenSaysNothing) {
  RunState state(std::nullopt, {}, 0, false);
  Connections connections(1);
  int calls = 0;
  HeldSession session(std::make_unique<Chatty>(state, calls), state, connections);
  EXPECT_EQ(session.on_open().send.size(), 1U);
  EXPECT_EQ(session.on_bytes(message).send.size(), 1U);
  EXPECT_EQ(calls, 2);
  state.end();
  EXPECT_TRUE(is_silent(session.on_bytes(message)));
  EXPECT_TRUE(is_silent(session.on_sent()));
  EXPECT_TRUE(is_silent(session.on_timeout()));
  EXPECT_EQ(calls, 2);  // the session was not even asked
  EXPECT_EQ(connections.open(), 1U);
  EXPECT_EQ(session.on_failure({}).then, Step::Then::close);
  EXPECT_EQ(connections.open(), 0U);
}

/// Is told in the middle of a call that the window is over.
class ClosesTheWindow final : public Session {
 public:
  explicit ClosesTheWindow(RunState& state) : state_(state) {}
  Step on_open() override {
    state_.end();
    return {.then = Step::Then::close};
  }
  Step on_bytes(Bytes) override { return {}; }

 private:
  RunState& state_;
};

TEST(HeldSessionTest, HoldsASessionThatWantedToCloseSinceTheWindowIsOver) {
  RunState state(std::nullopt, {}, 0, false);
  Connections connections(1);
  HeldSession session(std::make_unique<ClosesTheWindow>(state), state, connections);
  EXPECT_TRUE(is_silent(session.on_open()));
  EXPECT_EQ(connections.open(), 1U);
}

TEST(HeldSessionTest, CountsConnections) {
  RunState state(std::nullopt, {}, 0, false);
  Connections connections(2);
  int calls = 0;
  HeldSession one(std::make_unique<Chatty>(state, calls), state, connections);
  HeldSession other(std::make_unique<IdleSession>(0, 1), state, connections);
  EXPECT_EQ(one.on_failure({Failure::Kind::refused}).then, Step::Then::reconnect);
  EXPECT_EQ(connections.open(), 0U);
  one.on_open();
  EXPECT_EQ(one.on_failure({Failure::Kind::reset}).then, Step::Then::reconnect);
  one.on_open();
  EXPECT_EQ(connections.sessions_connected(), 1U);
  EXPECT_EQ(connections.made(), 2U);
  EXPECT_EQ(connections.open(), 1U);
  EXPECT_FALSE(connections.all_connected().requested());
  EXPECT_TRUE(is_silent(other.on_open()));
  EXPECT_TRUE(connections.all_connected().requested());
  EXPECT_EQ(connections.sessions_connected(), 2U);
  EXPECT_EQ(connections.open(), 2U);
}

TEST(IdleSessionTest, SaysNothingAndComesBackEverMoreSlowly) {
  IdleSession session(0, 1);
  EXPECT_TRUE(is_silent(session.on_open()));
  EXPECT_TRUE(is_silent(session.on_bytes(message)));
  const TimePoint now = Clock::now();
  const Step first = session.on_failure({Failure::Kind::closed});
  const Step second = session.on_failure({Failure::Kind::refused});
  EXPECT_EQ(first.then, Step::Then::reconnect);
  ASSERT_TRUE(first.not_before && second.not_before);
  EXPECT_GT(*first.not_before, now);
  EXPECT_GT(*second.not_before, *first.not_before);
}

}  // namespace
}  // namespace contend::load
