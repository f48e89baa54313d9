// Conformance of every engine's `drive` role with what workloads/session.hpp promises, step by
// step: sessions made for the purpose, and a server that is not ours.
#include <atomic>

#include "engines/test_child.hpp"
#include "engines/test_engines.hpp"
#include "engines/test_server.hpp"

namespace contend::test {
namespace {

using Then = Step::Then;

/// What the sessions saw and how often, in memory shared with whatever process they are played in.
struct ClientsSeen {
  std::atomic<int> opened, answered, silent, refused, reset, closed, other;
  std::atomic<bool> too_early;

  void count(Failure failure) {
    switch (failure.kind) {
      case Failure::Kind::refused: ++refused; break;
      case Failure::Kind::reset: ++reset; break;
      case Failure::Kind::closed: ++closed; break;
      case Failure::Kind::other: ++other; break;
    }
  }
};

/// A client that asks `question` until it has its answers or failed as often.
struct Plan {
  int answers = 1, failures = 1;
  std::string_view question = "ping";
  Duration pause{};  ///< Before each question but the first, and before each reconnection.
  std::optional<Duration> reply_within{};
  Then at_last = Then::close;
  bool reconnects = false;  ///< After each answer.
  bool in_parts = false;    ///< Each letter is a step of its own.
};

class Asking final : public Session {
 public:
  Asking(const Plan& plan, ClientsSeen& seen) : plan_(plan), seen_(seen) {}

  Step on_open() override {
    ++seen_.opened;
    seen_.too_early = seen_.too_early || Clock::now() < not_before_;
    return ask({});
  }
  Step on_bytes(Bytes bytes) override {
    seen_.too_early = seen_.too_early || Clock::now() < not_before_;
    received_ += bytes.size();
    if (received_ < plan_.question.size()) return {.reply_within = plan_.reply_within};
    ++seen_.answered;
    if (--plan_.answers == 0) return {.then = plan_.at_last};
    return plan_.reconnects ? reconnect() : ask(pause());
  }
  Step on_sent() override {
    ++part_;
    return ask({});
  }
  Step on_timeout() override {
    ++seen_.silent;
    return failed();
  }
  Step on_failure(Failure failure) override {
    seen_.count(failure);
    return failed();
  }

 private:
  Step ask(std::optional<TimePoint> not_before) {
    received_ = 0;
    Step step{.send = bytes_of(plan_.question),
              .not_before = not_before,
              .reply_within = plan_.reply_within};
    if (plan_.in_parts && part_ + 1 < plan_.question.size()) step.then = Then::more;
    if (plan_.in_parts) step.send = step.send.subspan(part_, 1);
    return step;
  }
  Step failed() {
    if (--plan_.failures == 0) return {.then = Then::close};
    return reconnect();
  }
  Step reconnect() {
    part_ = 0;
    return {.not_before = pause(), .then = Then::reconnect};
  }
  std::optional<TimePoint> pause() {
    if (plan_.pause == Duration::zero()) return {};
    return not_before_ = Clock::now() + plan_.pause;
  }

  Plan plan_;
  ClientsSeen& seen_;
  std::size_t received_ = 0, part_ = 0;
  TimePoint not_before_{};
};

void echo(Client& peer) {
  for (std::string some; !(some = peer.receive(4)).empty();) peer.send(some);
}
void say_nothing(Client& peer) {
  peer.receive_all();
}

class DriveSteps : public RoleTest<&Engine::drive> {
 protected:
  static constexpr int sessions = 6;

  /// Plays the plan in each session, in a process of its own that begins before any thread does.
  Child drive(const Plan& plan, std::uint16_t port, DriveOptions options = {}) {
    options.stop = stop_.token();
    return Child([&] {
      std::vector<std::unique_ptr<Session>> all;
      std::vector<Session*> borrowed;
      for (int i = 0; i < sessions; ++i)
        borrowed.push_back(all.emplace_back(std::make_unique<Asking>(plan, seen())).get());
      engine().drive(Endpoint::loopback(port), borrowed, options);
    });
  }
  ClientsSeen& seen() { return seen_[0]; }
  void stop() { stop_.request(); }

 private:
  SharedArray<ClientsSeen> seen_{1};
  StopSource stop_;
};
CONTEND_FOR_EVERY_ENGINE(DriveSteps);

TEST_P(DriveSteps, AsksAndCloses) {
  Fd listener = listening_socket();
  Child child = drive({.answers = 3}, port_of(listener));
  TestServer server(std::move(listener), echo);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().opened, sessions);
  EXPECT_EQ(seen().answered, 3 * sessions);
  EXPECT_EQ(server.connections(), sessions);
}

TEST_P(DriveSteps, SendsInParts) {
  Fd listener = listening_socket();
  Child child = drive({.in_parts = true}, port_of(listener));
  TestServer server(std::move(listener), echo);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().answered, sessions);
}

TEST_P(DriveSteps, KeepsThePace) {
  Fd listener = listening_socket();
  const TimePoint began = Clock::now();
  Child child = drive({.answers = 4, .pause = 30ms}, port_of(listener));
  TestServer server(std::move(listener), echo);
  EXPECT_TRUE(child.ends_well());
  EXPECT_GE(Clock::now() - began, 90ms);
  EXPECT_EQ(seen().answered, 4 * sessions);
  EXPECT_FALSE(seen().too_early);
}

TEST_P(DriveSteps, ReconnectsAfterAnswers) {
  Fd listener = listening_socket();
  Child child = drive({.answers = 5, .pause = 10ms, .reconnects = true}, port_of(listener));
  TestServer server(std::move(listener), echo);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().answered, 5 * sessions);
  EXPECT_EQ(server.connections(), 5 * sessions);
  EXPECT_FALSE(seen().too_early);
}

TEST_P(DriveSteps, BacksOffAsLongAsAskedWhenRefused) {
  const Fd nobody = bound_socket();
  const TimePoint began = Clock::now();
  Child child = drive({.failures = 4, .pause = 30ms}, port_of(nobody));
  EXPECT_TRUE(child.ends_well());
  EXPECT_GE(Clock::now() - began, 90ms);
  EXPECT_EQ(seen().refused, 4 * sessions);
  EXPECT_EQ(seen().opened, 0);
}

TEST_P(DriveSteps, TellsResetsFromEnds) {
  Fd listener = listening_socket();
  std::atomic<int> connections = 0;
  Child child = drive({.failures = 2}, port_of(listener));
  TestServer server(std::move(listener), [&](Client& peer) {
    const bool even = connections++ % 2 == 0;
    peer.receive(4);
    if (even) peer.reset();
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().reset, sessions);
  EXPECT_EQ(seen().closed, sessions);
  EXPECT_EQ(seen().refused + seen().other, 0);
}

TEST_P(DriveSteps, GivesUpWaitingAndReconnects) {
  Fd listener = listening_socket();
  Child child = drive({.failures = 2, .reply_within = 40ms}, port_of(listener));
  TestServer server(std::move(listener), say_nothing);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().silent, 2 * sessions);
  EXPECT_EQ(seen().opened, 2 * sessions);
}

TEST_P(DriveSteps, DoesNotWaitForTimersThatAreNotNeeded) {
  Fd listener = listening_socket();
  Child child = drive({.reply_within = 60s}, port_of(listener));
  TestServer server(std::move(listener), echo);
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().answered, sessions);
}

TEST_P(DriveSteps, LingersUntilThePeerCloses) {
  Fd listener = listening_socket();
  Child child = drive({.at_last = Then::linger}, port_of(listener));
  std::atomic<int> in_good_order = 0;
  TestServer server(std::move(listener), [&](Client& peer) {
    peer.send(peer.receive(4));
    if (peer.at_end()) ++in_good_order;
    peer.send(std::string(10'000, 'x'));
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(in_good_order, sessions);
}

TEST_P(DriveSteps, PlaysNoMoreAtOnceThanAllowed) {
  Fd listener = listening_socket();
  Child child = drive({.answers = 2, .pause = 20ms}, port_of(listener), {.max_parallel = 2});
  // The client's end is seen here before the client may open the next; so this counts its asking.
  std::atomic<int> asking = 0, most = 0;
  TestServer server(std::move(listener), [&](Client& peer) {
    peer.send(peer.receive(4));
    const int now = ++asking;
    if (now > most) most = now;
    const std::string second = peer.receive(4);
    --asking;
    peer.send(second);
    peer.receive_all();
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().answered, 2 * sessions);
  EXPECT_LE(most, 2);
}

TEST_P(DriveSteps, EndsAtTheGivenTime) {
  Fd listener = listening_socket();
  const TimePoint until = Clock::now() + 250ms;
  Child child = drive({}, port_of(listener), {.until = until});
  TestServer server(std::move(listener), say_nothing);
  EXPECT_TRUE(child.ends_well());
  EXPECT_GE(Clock::now(), until);
  EXPECT_LT(Clock::now(), until + 1s * sanitizer_factor);
  EXPECT_EQ(seen().closed + seen().other + seen().reset, 0) << "dropped means unreported";
}

TEST_P(DriveSteps, EndsAtTheGivenTimeWhileBackingOff) {
  const Fd nobody = bound_socket();
  const TimePoint until = Clock::now() + 100ms;
  Child child = drive({.failures = 5, .pause = 60s}, port_of(nobody), {.until = until});
  EXPECT_TRUE(child.ends_well());
  EXPECT_LT(Clock::now(), until + 1s * sanitizer_factor);
}

TEST_P(DriveSteps, EndsWhenStopped) {
  Fd listener = listening_socket();
  Child child = drive({}, port_of(listener));
  TestServer server(std::move(listener), say_nothing);
  EXPECT_TRUE(eventually([&] { return seen().opened == (engine().concurrent ? sessions : 1); }));
  stop();
  const TimePoint stopped = Clock::now();
  EXPECT_TRUE(child.ends_well());
  EXPECT_LT(Clock::now() - stopped, 1s * sanitizer_factor);
  EXPECT_EQ(seen().closed + seen().other + seen().reset, 0) << "dropped means unreported";
}

}  // namespace
}  // namespace contend::test
