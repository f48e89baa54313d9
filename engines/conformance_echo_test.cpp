// Conformance of every engine's `serve` role: the bytes of a connection, whatever its peer does to
// it, seen from plain sockets. Limits and ends are conformance_limits_test.cpp's.
#include <thread>

#include "engines/test_engines.hpp"

namespace contend::test {
namespace {

class ServeEcho : public RoleTest<&Engine::serve> {
 protected:
  TestHost host_for(std::vector<std::string> more = {}) const {
    return TestHost(command("serve", "echo", std::move(more)));
  }
};
CONTEND_FOR_EVERY_ENGINE(ServeEcho);

TEST_P(ServeEcho, AnswersByteByByte) {
  TestHost host = host_for();
  Client client(host.port());
  for (const char byte : pattern(300)) {
    const std::string message(1, byte);
    ASSERT_EQ(client.ask(message), message);
  }
}

TEST_P(ServeEcho, JoinsBytesSentOneByOne) {
  TestHost host = host_for();
  Client client(host.port());
  const std::string message = pattern(2000);
  for (const char byte : message) ASSERT_EQ(client.send({&byte, 1}), 1U);
  EXPECT_EQ(client.receive(message.size()), message);
}

TEST_P(ServeEcho, ReturnsBurstsOfOneMebibyte) {
  TestHost host = host_for();
  Client client(host.port());
  for (std::uint32_t burst = 1; burst <= 3; ++burst) {
    const std::string message = pattern(1 << 20, burst);
    std::thread sender([&] { EXPECT_EQ(client.send(message), message.size()); });
    const std::string answer = client.receive(message.size());
    sender.join();
    ASSERT_TRUE(answer == message) << "burst " << burst << ", " << answer.size() << " bytes";
  }
}

// An engine that serves one at a time gets to each when the one before it has gone.
TEST_P(ServeEcho, AnswersTwoHundredConnections) {
  TestHost host = host_for();
  constexpr std::uint32_t connections = 200;
  std::vector<Client> clients;
  for (std::uint32_t i = 0; i < connections; ++i) clients.emplace_back(host.port());
  for (std::uint32_t i = 0; i < connections; ++i) clients[i].send(pattern(1000, i));
  for (std::uint32_t i = 0; i < connections; ++i) {
    ASSERT_TRUE(clients[i].receive(1000) == pattern(1000, i)) << "connection " << i;
    clients[i].close();
  }
  EXPECT_EQ(host.stop().report.at("accepted"), connections);
}

TEST_P(ServeEcho, ServesOthersMeanwhileOrAfterwards) {
  TestHost host = host_for();
  Client first(host.port());
  ASSERT_EQ(first.ask("first"), "first");
  Client second(host.port());
  second.send("second");
  if (!engine().concurrent) {
    EXPECT_FALSE(eventually([&] { return second.readable(); }, 100ms)) << "so it is concurrent";
    first.close();
  }
  EXPECT_EQ(second.receive(6), "second");
}

TEST_P(ServeEcho, GoesOnAfterResets) {
  TestHost host = host_for();
  const std::string message = pattern(256 << 10);
  for (int i = 0; i < 20; ++i) {
    Client client(host.port());
    client.set_patience(50ms);  // the peer may be stuck in sending: that is part of it
    client.send(message);
    if (i % 2 == 1) client.receive(1000);
    client.reset();
  }
  for (int i = 0; i < 20; ++i) Client(host.port()).close();
  Client client(host.port());
  EXPECT_EQ(client.ask("still there?"), "still there?");
  const auto end = host.stop();
  EXPECT_EQ(end.status, 0);
}

TEST_P(ServeEcho, ReturnsAllAfterAHalfClose) {
  TestHost host = host_for();
  for (const std::size_t size : {1U, 5'000U, 100'000U}) {
    Client client(host.port());
    const std::string message = pattern(size);
    ASSERT_EQ(client.send(message), size);
    client.half_close();
    ASSERT_TRUE(client.receive(size) == message) << size << " bytes";
    EXPECT_TRUE(client.at_end()) << "no end of file, errno " << client.error();
  }
  Client silent(host.port());
  silent.half_close();
  EXPECT_TRUE(silent.at_end());
}

TEST_P(ServeEcho, HoldsLittleForAPeerThatDoesNotRead) {
  TestHost host = host_for();
  constexpr std::int64_t allowed_growth_bytes = (4 << 20) * sanitizer_factor;
  Client slow(host.port(), 32 << 10);
  ASSERT_EQ(slow.ask("hello"), "hello");
  const std::int64_t rss_before = host.rss_bytes();

  const std::string message = pattern(16 << 20);
  std::atomic<std::size_t> sent = 0;
  std::thread sender([&] {
    for (std::size_t size = 64 << 10; sent < message.size(); sent += size)
      if (slow.send(std::string_view(message).substr(sent, size)) != size) return;
  });
  // Stuck is when nothing moved for a while; that the kernel holds it all is no fault.
  std::size_t seen = 0;
  TimePoint moved = Clock::now();
  eventually([&] {
    if (sent != seen) moved = Clock::now();
    seen = sent;
    return seen == message.size() || Clock::now() - moved > 200ms;
  });
  EXPECT_LT(host.rss_bytes() - rss_before, allowed_growth_bytes) << sent << " bytes sent";
  if (engine().concurrent) {
    Client other(host.port());
    EXPECT_EQ(other.ask("meanwhile"), "meanwhile");
  }
  const std::string answer = slow.receive(message.size());
  sender.join();
  EXPECT_EQ(answer.size(), message.size()) << "errno " << slow.error();
  EXPECT_TRUE(answer == message);
}

TEST_P(ServeEcho, ListensOnAUnixSocket) {
  const std::string path = "/tmp/contend-test-" + std::to_string(getpid()) + ".socket";
  std::filesystem::remove(path);
  TestHost host = host_for({"--listen", "unix:" + path});
  host.read_line();
  Client first(Endpoint::parse("unix:" + path));
  EXPECT_EQ(first.ask("hello"), "hello");
  first.close();
  Client idle(Endpoint::parse("unix:" + path));
  const std::string message = pattern(100'000);
  std::thread sender([&] { EXPECT_EQ(idle.send(message), message.size()); });
  EXPECT_TRUE(idle.receive(message.size()) == message);
  sender.join();
  const auto end = host.stop();
  EXPECT_EQ(end.status, 0);
  EXPECT_EQ(end.report.value("accepted", 0), 2);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace contend::test
