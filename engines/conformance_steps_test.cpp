// Conformance of every engine's `serve` role with what workloads/session.hpp promises, step by
// step: sessions made for the purpose, and plain sockets. conformance_client_steps_test.cpp has the
// other side.
#include <atomic>

#include "engines/test_child.hpp"
#include "engines/test_client.hpp"
#include "engines/test_engines.hpp"

namespace contend::test {
namespace {

using Then = Step::Then;

/// What the sessions saw, in memory shared with whatever processes they are played in.
struct ServersSeen {
  std::atomic<int> opened, destroyed, closed, reset, other, silent;
  std::atomic<bool> too_early;

  void count(Failure failure) {
    switch (failure.kind) {
      case Failure::Kind::closed: ++closed; break;
      case Failure::Kind::reset: ++reset; break;
      default: ++other;
    }
  }
};

constexpr Duration held_for = 80ms;
constexpr Duration short_silence = 50ms;
constexpr Duration long_silence = 30s;

/// A server that greets, and then does what each letter asks for, in order.
class Obedient final : public Session {
 public:
  explicit Obedient(ServersSeen& seen) : seen_(seen) { ++seen_.opened; }
  ~Obedient() override { ++seen_.destroyed; }

  Step on_open() override { return {.send = bytes_of("hello")}; }
  Step on_bytes(Bytes bytes) override {
    if (is_held_ && Clock::now() < held_until_) seen_.too_early = true;
    orders_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return obey();
  }
  Step on_sent() override {
    if (part_ > 0) return next_part();
    return obey();
  }
  Step on_timeout() override {
    ++seen_.silent;
    return {.send = bytes_of("silence")};
  }
  Step on_failure(Failure failure) override {
    seen_.count(failure);
    return {.then = Then::close};
  }

 private:
  Step obey() {
    if (orders_.empty()) return {};
    const char order = orders_.front();
    orders_.erase(0, 1);
    switch (order) {
      case 'p': part_ = 3; return next_part();
      case 'h':
        is_held_ = true;
        held_until_ = Clock::now() + held_for;
        return {.send = bytes_of("held"), .not_before = held_until_, .then = goes_on()};
      case 's': return {.send = bytes_of("ask"), .reply_within = short_silence};
      case 'S': return {.send = bytes_of("ask"), .reply_within = long_silence};
      case 'n': return {.then = goes_on()};  // nothing
      case 'c': return {.send = bytes_of("bye"), .then = Then::close};
      case 'l': return {.send = bytes_of("wrong"), .then = Then::linger};
      default: return {.send = bytes_of("ok"), .then = goes_on()};
    }
  }
  Step next_part() {
    --part_;
    return {.send = bytes_of("part"), .then = part_ > 0 ? Then::more : goes_on()};
  }
  Then goes_on() const { return orders_.empty() ? Then::await_bytes : Then::more; }

  ServersSeen& seen_;
  std::string orders_;
  int part_ = 0;
  bool is_held_ = false;
  TimePoint held_until_{};
};

class ObedientService final : public Service {
 public:
  explicit ObedientService(ServersSeen& seen) : seen_(seen) {}
  std::unique_ptr<Session> open() override { return std::make_unique<Obedient>(seen_); }

 private:
  ServersSeen& seen_;
};

class ServeSteps : public RoleTest<&Engine::serve> {
 protected:
  void SetUp() override {
    RoleTest::SetUp();
    if (IsSkipped()) return;
    Fd listener = listen_on(Endpoint::loopback(0));
    port_ = port_of(listener);
    child_.emplace([&] {
      ObedientService service(seen());
      engine().serve(std::move(listener), service, {}, stop_.token());
    });
  }
  void TearDown() override {
    if (!child_) return;
    stop_.request();
    EXPECT_TRUE(child_->ends_well());
    EXPECT_EQ(seen().opened, seen().destroyed);
  }
  Client greeted_client() const {
    Client client(port_);
    EXPECT_EQ(client.receive(5), "hello");
    return client;
  }
  ServersSeen& seen() { return seen_[0]; }

 private:
  SharedArray<ServersSeen> seen_{1};
  StopSource stop_;
  std::uint16_t port_ = 0;
  std::optional<Child> child_;
};
CONTEND_FOR_EVERY_ENGINE(ServeSteps);

TEST_P(ServeSteps, SpeaksFirst) {
  greeted_client();
}

TEST_P(ServeSteps, SendsOnWhileThereIsMore) {
  Client client = greeted_client();
  client.send("ppx");
  EXPECT_EQ(client.receive(26), "partpartpartpartpartpartok");
}

TEST_P(ServeSteps, HoldsAnAnswerAndTakesNothingMeanwhile) {
  Client client = greeted_client();
  const TimePoint asked = Clock::now();
  client.send("h");
  client.send("x");
  EXPECT_EQ(client.receive(6), "heldok");
  EXPECT_GE(Clock::now() - asked, held_for);
  client.send("hhx");
  EXPECT_EQ(client.receive(10), "heldheldok");
  EXPECT_GE(Clock::now() - asked, 3 * held_for);
  EXPECT_FALSE(seen().too_early);
}

TEST_P(ServeSteps, NoticesSilence) {
  Client client = greeted_client();
  const TimePoint asked = Clock::now();
  client.send("s");
  EXPECT_EQ(client.receive(10), "asksilence");
  EXPECT_GE(Clock::now() - asked, short_silence);
  client.send("s");
  EXPECT_EQ(client.receive(10), "asksilence");
  EXPECT_EQ(seen().silent, 2);
}

// Its end shows that no timer that was not needed in the end is waited for.
TEST_P(ServeSteps, ForgetsASilenceThatWasBroken) {
  Client client = greeted_client();
  client.send("s");
  EXPECT_EQ(client.receive(3), "ask");
  client.send("S");
  EXPECT_EQ(client.receive(3), "ask");
  const int silences = seen().silent;  // on a slow machine the first may have run out
  client.send("x");
  EXPECT_EQ(client.receive(2), "ok");
  client.send("h");  // longer than the short silence
  EXPECT_EQ(client.receive(4), "held");
  EXPECT_EQ(seen().silent, silences);
}

TEST_P(ServeSteps, ClosesAfterTheLastByte) {
  Client client = greeted_client();
  client.send("xc");
  EXPECT_EQ(client.receive(5), "okbye");
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([&] { return seen().destroyed == 1; })) << "the session is held on to";
}

TEST_P(ServeSteps, LingersForAPeerThatGoesOnSending) {
  Client client = greeted_client();
  client.send("l" + std::string(300'000, 'x'));
  EXPECT_EQ(client.receive(5), "wrong");
  EXPECT_TRUE(client.at_end()) << "errno " << client.error();
  EXPECT_EQ(seen().destroyed, 0);
  client.close();
  EXPECT_TRUE(eventually([&] { return seen().destroyed == 1; }, linger_limit / 2))
      << "it lingers after the end";
}

TEST_P(ServeSteps, LingersNoLongerThanAllowed) {
  Client client = greeted_client();
  client.send("l");
  EXPECT_EQ(client.receive(5), "wrong");
  EXPECT_TRUE(client.at_end());
  const TimePoint half_closed = Clock::now();
  EXPECT_TRUE(eventually([&] { return seen().destroyed == 1; }));
  EXPECT_GE(Clock::now() - half_closed, linger_limit / 2);
}

TEST_P(ServeSteps, SaysHowAConversationEnded) {
  greeted_client().close();
  EXPECT_TRUE(eventually([&] { return seen().closed == 1; }));
  greeted_client().reset();
  EXPECT_TRUE(eventually([&] { return seen().reset == 1; }));
  greeted_client().half_close();
  EXPECT_TRUE(eventually([&] { return seen().closed == 2 && seen().destroyed == 3; }));
  EXPECT_EQ(seen().other, 0);
}

}  // namespace
}  // namespace contend::test
