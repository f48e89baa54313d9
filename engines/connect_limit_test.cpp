// How long every engine's `drive` role waits for a connection that nobody makes.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>

#include "engines/engine.hpp"
#include "engines/test_server.hpp"
#include "workloads/shared_array.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;

/// What a session that lives in another process may have heard.
struct Heard {
  std::atomic<int> opened{0}, failed{0}, kind{-1}, error_number{0};
};

/// Tries so often, then ends.
class Trying final : public Session {
 public:
  Trying(Heard& heard, int attempts) : heard_(heard), left_(attempts) {}
  Step on_open() override {
    ++heard_.opened;
    return {.then = Step::Then::close};
  }
  Step on_bytes(Bytes) override { return {.then = Step::Then::close}; }
  Step on_failure(Failure failure) override {
    ++heard_.failed;
    heard_.kind = static_cast<int>(failure.kind);
    heard_.error_number = failure.error_number;
    return {.then = --left_ > 0 ? Step::Then::reconnect : Step::Then::close};
  }

 private:
  Heard& heard_;
  int left_;
};

class ConnectLimit : public ::testing::TestWithParam<const Engine*> {
 protected:
  void SetUp() override {
    const Engine& engine = *GetParam();
    if (engine.drive == nullptr) GTEST_SKIP() << "it is no client";
    if (engine.unavailable != nullptr && engine.unavailable() != nullptr)
      GTEST_SKIP() << engine.unavailable();
  }
  /// Drives one session, and returns how long that took.
  Duration drive(const Endpoint& endpoint, int attempts, const DriveOptions& options) {
    Trying session(heard_[0], attempts);
    const std::array<Session*, 1> sessions{&session};
    const TimePoint begin = Clock::now();
    GetParam()->drive(endpoint, sessions, options);
    return Clock::now() - begin;
  }

  SharedArray<Heard> heard_{1};
};
INSTANTIATE_TEST_SUITE_P(Engines, ConnectLimit, ::testing::ValuesIn([] {
                           std::vector<const Engine*> all;
                           for (const Engine& engine : engines()) all.push_back(&engine);
                           return all;
                         }()),
                         [](const auto& one) { return std::string(one.param->name); });

TEST_P(ConnectLimit, IsAFailureThatTheSessionHearsOfEachTime) {
  const DeafListener deaf;
  const Duration took = drive(deaf.endpoint(), 3, {.connect_within = 30ms});
  EXPECT_GE(took, 90ms);
  EXPECT_LT(took, 20s);
  EXPECT_EQ(heard_[0].failed, 3);
  EXPECT_EQ(heard_[0].opened, 0);
  EXPECT_EQ(heard_[0].kind, static_cast<int>(Failure::Kind::refused));
  EXPECT_EQ(heard_[0].error_number, ETIMEDOUT);
}

TEST_P(ConnectLimit, DoesNotReachWhoIsConnected) {
  TestServer server([](Client& peer) { peer.receive_all(); });
  drive(Endpoint::loopback(server.port()), 1, {.until = Clock::now() + 20s, .connect_within = 10s});
  EXPECT_EQ(heard_[0].opened, 1);
  EXPECT_EQ(heard_[0].failed, 0);
}

TEST_P(ConnectLimit, IsNotNeededForEndingInTime) {
  const DeafListener deaf;
  EXPECT_LT(drive(deaf.endpoint(), 1, {.until = Clock::now() + 50ms}), 20s);
  EXPECT_EQ(heard_[0].failed, 0) << "what is dropped is unreported";
}

}  // namespace
}  // namespace contend::test
