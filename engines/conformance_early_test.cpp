// Conformance of every engine's `drive` role where a server does not wait for the whole request, or
// does not receive it at all: reply_within, early_input and on_early_bytes of
// workloads/session.hpp.
#include <atomic>

#include "engines/test_child.hpp"
#include "engines/test_engines.hpp"
#include "engines/test_server.hpp"

namespace contend::test {
namespace {

using Then = Step::Then;

/// More than the socket buffers of both sides hold.
constexpr std::size_t long_size = 16 << 20;
std::string long_question() {
  const std::string block = pattern(65'521);
  std::string made;
  while (made.size() < long_size) made += block;
  made.resize(long_size);
  return made;
}

/// What the sessions saw, in memory shared with whatever process they are played in.
struct EagerSeen {
  std::atomic<int> opened, answered, silent, ended;
  std::atomic<std::uint64_t> early_bytes, bytes;
};

struct EagerPlan {
  std::string_view question = "ping";
  std::size_t answer_size = 4;
  int answers = 1, failures = 1;
  std::optional<TimePoint> second_at{};  ///< When the second question may be asked.
  std::optional<Duration> reply_within{};
  bool early_input = true;
  Then at_early = Then::await_bytes;
};

class Eager final : public Session {
 public:
  Eager(const EagerPlan& plan, EagerSeen& seen) : plan_(plan), seen_(seen) {}

  Step on_open() override {
    ++seen_.opened;
    received_ = 0;
    return ask({});
  }
  Step on_bytes(Bytes bytes) override {
    seen_.bytes += bytes.size();
    received_ += bytes.size();
    if (received_ < plan_.answer_size) return {.reply_within = plan_.reply_within};
    received_ -= plan_.answer_size;
    ++seen_.answered;
    if (--plan_.answers == 0) return {.then = Then::close};
    return ask(plan_.second_at);
  }
  Step on_early_bytes(Bytes bytes) override {
    seen_.early_bytes += bytes.size();
    received_ += bytes.size();
    return {.reply_within = plan_.reply_within, .then = plan_.at_early};
  }
  Step on_timeout() override {
    ++seen_.silent;
    return failed();
  }
  Step on_failure(Failure) override {
    ++seen_.ended;
    return failed();
  }

 private:
  Step ask(std::optional<TimePoint> not_before) const {
    return {.send = bytes_of(plan_.question),
            .not_before = not_before,
            .reply_within = plan_.reply_within,
            .early_input = plan_.early_input};
  }
  Step failed() { return {.then = --plan_.failures == 0 ? Then::close : Then::reconnect}; }

  EagerPlan plan_;
  EagerSeen& seen_;
  std::size_t received_ = 0;
};

class DriveEarly : public RoleTest<&Engine::drive> {
 protected:
  static constexpr int sessions = 3;

  Child drive(const EagerPlan& plan, std::uint16_t port) {
    return Child([=, this] {
      std::vector<std::unique_ptr<Session>> all;
      std::vector<Session*> borrowed;
      for (int i = 0; i < sessions; ++i)
        borrowed.push_back(all.emplace_back(std::make_unique<Eager>(plan, seen())).get());
      engine().drive(Endpoint::loopback(port), borrowed, {});
    });
  }
  EagerSeen& seen() { return seen_[0]; }

  /// Answers the first question, and returns when the client has got that answer.
  void answer_first(Client& peer) {
    const int mine = ++asked_;
    peer.send(peer.receive(4));
    eventually([&] { return seen().answered >= (engine().concurrent ? sessions : mine); });
  }

 private:
  SharedArray<EagerSeen> seen_{1};
  std::atomic<int> asked_ = 0;
};
CONTEND_FOR_EVERY_ENGINE(DriveEarly);

TEST_P(DriveEarly, GivesUpAServerThatReceivesNothing) {
  const std::string question = long_question();
  for (const bool early_input : {true, false}) {
    SCOPED_TRACE(early_input);
    const int before = seen().silent;
    Fd listener = listening_socket();
    std::atomic<bool> is_over = false;
    Child child = drive(
        {.question = question, .failures = 2, .reply_within = 100ms, .early_input = early_input},
        port_of(listener));
    TestServer server(std::move(listener),
                      [&](Client&) { eventually([&] { return is_over.load(); }); });
    EXPECT_TRUE(child.ends_well());
    is_over = true;
    EXPECT_EQ(seen().silent - before, 2 * sessions);
    EXPECT_EQ(server.connections(), 2 * sessions);
  }
  EXPECT_EQ(seen().ended, 0);
}

// Both would wait for each other for ever if the client did not receive while it sends.
TEST_P(DriveEarly, ReceivesWhileItSends) {
  const std::string question = long_question();
  Fd listener = listening_socket();
  Child child = drive({.question = question, .answer_size = long_size, .reply_within = 60s},
                      port_of(listener));
  std::atomic<int> received_all = 0;
  TestServer server(std::move(listener), [&](Client& peer) {
    if (peer.send(std::string_view(question).substr(1)) != long_size - 1) return;
    if (peer.receive(long_size) == question) ++received_all;
    peer.send("!");
    peer.receive_all();
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(received_all, sessions) << "what was sent is what the session said";
  EXPECT_EQ(seen().answered, sessions);
  EXPECT_EQ(seen().early_bytes + seen().bytes, sessions * long_size);
  EXPECT_GT(seen().early_bytes, 0U);
}

TEST_P(DriveEarly, DropsTheRestOfWhatItSends) {
  const std::string question = long_question();
  Fd listener = listening_socket();
  Child child = drive({.question = question, .reply_within = 60s, .at_early = Then::close},
                      port_of(listener));
  std::atomic<int> ended = 0;
  TestServer server(std::move(listener), [&](Client& peer) {
    peer.send("no");
    if (peer.receive(long_size).size() < long_size) ++ended;
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().early_bytes, 2U * sessions);
  EXPECT_EQ(seen().opened, sessions);
  EXPECT_TRUE(eventually([&] { return ended == sessions; })) << ended;
}

TEST_P(DriveEarly, TellsAnEndWhileItSends) {
  const std::string question = long_question();
  Fd listener = listening_socket();
  Child child = drive({.question = question, .reply_within = 60s}, port_of(listener));
  TestServer server(std::move(listener), [&](Client& peer) {
    peer.half_close();
    eventually([&] { return seen().ended > 0; });
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().ended, sessions);
}

TEST_P(DriveEarly, TellsWhatComesWhileItHoldsAStep) {
  Fd listener = listening_socket();
  Child child = drive({.answers = 2, .second_at = Clock::now() + 1h, .at_early = Then::close},
                      port_of(listener));
  TestServer server(std::move(listener), [&](Client& peer) {
    answer_first(peer);
    peer.send("pong");
    EXPECT_EQ(peer.receive(1), "") << "the second question";
  });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().early_bytes, 4U * sessions);
  EXPECT_EQ(seen().answered, sessions);
}

TEST_P(DriveEarly, TellsAnEndWhileItHoldsAStep) {
  Fd listener = listening_socket();
  Child child = drive({.answers = 2, .second_at = Clock::now() + 1h}, port_of(listener));
  TestServer server(std::move(listener), [&](Client& peer) { answer_first(peer); });
  EXPECT_TRUE(child.ends_well());
  EXPECT_EQ(seen().ended, sessions);
}

}  // namespace
}  // namespace contend::test
