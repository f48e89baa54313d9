// Sessions of a load, without any I/O.
#include "harness/load/window_sessions.hpp"

#include <gtest/gtest.h>

namespace contend {
namespace {

constexpr std::byte message[]{std::byte{7}};

/// Sends on every occasion for as long as the recorder goes on, as the workloads' clients do.
class Chatty final : public Session {
 public:
  Chatty(LoadRecorder& recorder, int& calls) : recorder_(recorder), calls_(calls) {}
  Step on_open() override { return next(); }
  Step on_bytes(Bytes) override { return next(); }
  Step on_sent() override { return next(); }
  Step on_silence() override { return next(); }
  Step on_failure(Failure) override {
    ++calls_;
    return {.then = Step::Then::reconnect};
  }

 private:
  Step next() {
    ++calls_;
    if (!recorder_.goes_on(0, 0)) return {.then = Step::Then::close};
    return {.send = message};
  }
  LoadRecorder& recorder_;
  int& calls_;
};

bool is_silent(const Step& step) {
  return step.send.empty() && step.then == Step::Then::await_bytes && !step.not_before &&
         !step.reply_within;
}

TEST(HeldSessionTest, PlaysUntilTheRecorderIsClosedAndThenSaysNothing) {
  LoadRecorder recorder(1, 1);
  Connections connections(1);
  int calls = 0;
  HeldSession session(std::make_unique<Chatty>(recorder, calls), recorder, connections);
  EXPECT_EQ(session.on_open().send.size(), 1U);
  EXPECT_EQ(session.on_bytes(message).send.size(), 1U);
  EXPECT_EQ(calls, 2);
  recorder.close();
  EXPECT_TRUE(is_silent(session.on_bytes(message)));
  EXPECT_TRUE(is_silent(session.on_sent()));
  EXPECT_TRUE(is_silent(session.on_silence()));
  EXPECT_EQ(calls, 2);  // the session was not even asked
  EXPECT_EQ(connections.open(), 1U);
  EXPECT_EQ(session.on_failure({}).then, Step::Then::close);
  EXPECT_EQ(connections.open(), 0U);
}

/// Is told in the middle of a call that the window is over.
class ClosesTheWindow final : public Session {
 public:
  explicit ClosesTheWindow(LoadRecorder& recorder) : recorder_(recorder) {}
  Step on_open() override {
    recorder_.close();
    return {.then = Step::Then::close};
  }
  Step on_bytes(Bytes) override { return {}; }

 private:
  LoadRecorder& recorder_;
};

TEST(HeldSessionTest, HoldsASessionThatWantedToCloseSinceTheWindowIsOver) {
  LoadRecorder recorder(1, 1);
  Connections connections(1);
  HeldSession session(std::make_unique<ClosesTheWindow>(recorder), recorder, connections);
  EXPECT_TRUE(is_silent(session.on_open()));
  EXPECT_EQ(connections.open(), 1U);
}

TEST(HeldSessionTest, CountsConnections) {
  LoadRecorder recorder(2, 1);
  Connections connections(2);
  int calls = 0;
  HeldSession one(std::make_unique<Chatty>(recorder, calls), recorder, connections);
  HeldSession other(std::make_unique<IdleSession>(0, 1), recorder, connections);
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
}  // namespace contend
