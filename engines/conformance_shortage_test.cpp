// Conformance of every engine's `serve` role where the system has no memory or no thread to give.
#include "engines/test_engines.hpp"

namespace contend::test {
namespace {

class ServeShortage : public RoleTest<&Engine::serve> {
 protected:
  void SetUp() override {
    RoleTest::SetUp();
    if (sanitizer_factor > 1)
      GTEST_SKIP() << "a sanitizer needs more address space, and may not be traced";
  }
  std::vector<std::string> echo(std::vector<std::string> more = {}) const {
    return command("serve", "echo", std::move(more));
  }
};
CONTEND_FOR_EVERY_ENGINE(ServeShortage);

TEST_P(ServeShortage, PausesWhenMemoryRunsOut) {
  constexpr std::size_t connections = 300;
  TestHost host(echo(), {.memory_bytes = 48 << 20});
  std::vector<Client> clients;
  for (std::size_t i = 0; i < connections; ++i) clients.emplace_back(host.port()).send("x");
  const auto answered = [&] {
    return static_cast<std::size_t>(std::ranges::count_if(clients, &Client::readable));
  };
  ASSERT_TRUE(eventually([&] { return answered() >= (engine().concurrent ? 100 : 1); }));
  clients.clear();
  Client late(host.port());
  EXPECT_EQ(late.ask("recovered"), "recovered");
  EXPECT_EQ(host.stop().status, 0);
}

TEST_P(ServeShortage, EndsWhereAWorkerHasNoThread) {
  if (!engine().scales) GTEST_SKIP() << "it has one worker";
  ::testing::internal::CaptureStderr();
  TestHost host(echo({"--workers", "100"}), {.memory_bytes = 96 << 20});
  EXPECT_EQ(host.wait().status, 1);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
  EXPECT_NE(said.find("memory"), std::string::npos) << said;
}

TEST_P(ServeShortage, OutlivesAWaitThatFailsForLackOfMemory) {
  if (std::system("strace -V >/dev/null 2>&1") != 0) GTEST_SKIP() << "strace is missing";
  TestHost host(echo(),
                {.under = {"strace", "-D", "-qq", "-f", "-o", "/dev/null", "-e",
                           "inject=ppoll,epoll_wait,epoll_pwait,epoll_pwait2,io_uring_enter:"
                           "error=ENOMEM:when=2..4"}});
  for (int i = 0; i < 3; ++i) {
    Client client(host.port());
    EXPECT_EQ(client.ask("hello"), "hello");
    EXPECT_EQ(client.ask("again"), "again");
  }
  EXPECT_EQ(host.stop().status, 0);
}

}  // namespace
}  // namespace contend::test
