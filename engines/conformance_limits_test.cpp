// Conformance of every engine's `serve` role at its limits: too many connections, too few
// descriptors, several workers, and the end.
#include <atomic>
#include <thread>

#include "engines/test_engines.hpp"

namespace contend::test {
namespace {

class ServeLimits : public RoleTest<&Engine::serve> {
 protected:
  std::vector<std::string> echo(std::vector<std::string> more = {}) const {
    return command("serve", "echo", std::move(more));
  }
  static bool is_open(std::uint16_t port) {
    try {
      Client client(port);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }
  static void expect_clean(const TestHost::End& end) {
    EXPECT_EQ(end.status, 0);
    EXPECT_FALSE(end.report.is_null()) << "no report";
    EXPECT_LT(end.took, 1s * sanitizer_factor);
    EXPECT_TRUE(end.left.empty()) << end.left.size() << " processes are left";
  }
};
CONTEND_FOR_EVERY_ENGINE(ServeLimits);

TEST_P(ServeLimits, EndsWithoutEverHavingServed) {
  TestHost host(echo());
  host.port();
  expect_clean(host.stop());
}

TEST_P(ServeLimits, EndsInMidFlight) {
  TestHost host(echo());
  const std::uint16_t port = host.port();
  // An engine that serves one at a time is kept busy by the first, the talker.
  Client talker(port);
  ASSERT_EQ(talker.ask("hello"), "hello");
  std::vector<Client> idle;
  for (int i = 0; i < 8; ++i) idle.emplace_back(port);
  Client stuck(port, 32 << 10);  // sends and doesn't read, until nothing moves any more
  if (engine().concurrent) {
    for (Client& client : idle) ASSERT_EQ(client.ask("hello"), "hello");
    stuck.set_patience(100ms);
    stuck.send(pattern(16 << 20));
  }
  std::atomic<int> round_trips = 0;
  std::thread talking([&] {
    while (talker.ask("and on") == "and on") ++round_trips;
  });
  EXPECT_TRUE(eventually([&] { return round_trips > 10; }));
  expect_clean(host.stop());
  talking.join();
  EXPECT_FALSE(is_open(port));
}

TEST_P(ServeLimits, EndsOnInterruptToo) {
  TestHost host(echo());
  Client client(host.port());
  ASSERT_EQ(client.ask("hello"), "hello");
  host.signal(SIGINT);
  expect_clean(host.wait());
}

TEST_P(ServeLimits, LeavesNothingBehindWhenKilled) {
  TestHost host(echo());
  const std::uint16_t port = host.port();
  Client client(port);
  ASSERT_EQ(client.ask("hello"), "hello");
  const std::vector<pid_t> tree = process_tree(host.pid());
  host.signal(SIGKILL);
  EXPECT_EQ(host.wait().status, 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return std::ranges::none_of(tree, lives); }));
  // The system takes down what a ring had under way after the process is gone.
  EXPECT_TRUE(eventually([&] { return !is_open(port); }));
}

TEST_P(ServeLimits, LeavesNoDescriptorOpen) {
  TestHost host(echo());
  const auto with_one_open = [&] {
    Client client(host.port());
    EXPECT_EQ(client.ask("hello"), "hello");
    return host.descriptors();
  };
  const std::size_t before = with_one_open();
  for (int i = 0; i < 500; ++i) {
    Client client(host.port());
    client.send("hello");
    if (i % 4 == 0) continue;  // gone with its answer unread
    ASSERT_EQ(client.receive(5), "hello") << "connection " << i;
    if (i % 4 == 1) client.reset();
    if (i % 4 == 2) {
      client.half_close();
      ASSERT_TRUE(client.at_end());
    }
  }
  std::size_t after = 0;
  eventually([&] { return (after = with_one_open()) <= before; });
  EXPECT_LE(after, before);
  expect_clean(host.stop());
}

TEST_P(ServeLimits, PausesWhenDescriptorsRunOut) {
  constexpr std::size_t limit = 40, connections = 80;
  TestHost host(echo(), {.descriptors = limit});
  std::vector<Client> clients;
  for (std::size_t i = 0; i < connections; ++i) clients.emplace_back(host.port()).send("x");
  // Engines whose process has a descriptor for each connection run out; with the others all are
  // answered, or only the first.
  const auto answered = [&] {
    return static_cast<std::size_t>(std::ranges::count_if(clients, &Client::readable));
  };
  ASSERT_TRUE(eventually([&] {
    return answered() >= (engine().concurrent ? connections : 1) ||
           descriptors_of(host.pid()) >= limit;
  }));
  const bool ran_out = descriptors_of(host.pid()) >= limit;
  EXPECT_TRUE(!ran_out || eventually([&] { return answered() >= limit / 2; }));

  const Duration cpu_before = host.cpu_time();
  std::this_thread::sleep_for(400ms);  // the measured stretch
  EXPECT_LT(host.cpu_time() - cpu_before, 120ms) << "busy while it can do nothing";

  clients.clear();
  Client late(host.port());
  EXPECT_EQ(late.ask("recovered"), "recovered");
  const auto end = host.stop();
  expect_clean(end);
  EXPECT_TRUE(!ran_out || end.report.value("accept_pauses", 0) > 0);
}

TEST_P(ServeLimits, TakesNoMoreConnectionsThanAllowed) {
  TestHost host(echo({"--max-connections", "2"}));
  Client first(host.port());
  EXPECT_EQ(first.ask("first"), "first");
  Client second(host.port());
  if (engine().concurrent) {
    EXPECT_EQ(second.ask("second"), "second");
  }
  Client third(host.port());
  third.send("third");
  EXPECT_FALSE(eventually([&] { return third.readable(); }, 150ms)) << "three at once";
  first.close();
  second.close();
  EXPECT_EQ(third.receive(5), "third");
  expect_clean(host.stop());
}

TEST_P(ServeLimits, SharesTheLimitOutAmongItsWorkers) {
  if (!engine().scales) GTEST_SKIP() << "it has one";
  EXPECT_EQ(TestHost(echo({"--workers", "3", "--max-connections", "2"})).wait().status, 2);
  EXPECT_EQ(TestHost(echo({"--max-connections", "0"})).wait().status, 2);
  TestHost host(echo({"--workers", "3", "--max-connections", "7"}));
  std::vector<Client> clients;
  for (int i = 0; i < 40; ++i) clients.emplace_back(host.port());
  for (Client& client : clients) client.send("x");
  const auto answered = [&] { return std::ranges::count_if(clients, &Client::readable); };
  EXPECT_TRUE(eventually([&] { return answered() > 0; }));
  EXPECT_FALSE(eventually([&] { return answered() > 7; }, 150ms)) << answered();
  expect_clean(host.stop());
}

TEST_P(ServeLimits, ServesWhereItSpins) {
  TestHost host(echo({"--spin-us", "200"}));
  if (!engine().spins) {
    EXPECT_EQ(host.wait().status, 2) << "wrong use";
    return;
  }
  Client client(host.port());
  for (std::uint32_t i = 0; i < 50; ++i) ASSERT_EQ(client.ask(pattern(700, i)), pattern(700, i));
  expect_clean(host.stop());
}

TEST_P(ServeLimits, DoesNotShareItsPortWithAnotherServer) {
  TestHost host(echo({}));
  TestHost second(echo({"--listen", "127.0.0.1:" + std::to_string(host.port())}));
  EXPECT_EQ(second.wait().status, 1) << "the address is in use";
  expect_clean(host.stop());
}

TEST_P(ServeLimits, ServesWithThreeWorkers) {
  TestHost host(echo({"--workers", "3"}));
  if (!engine().scales) {
    EXPECT_EQ(host.wait().status, 2) << "wrong use";
    return;
  }
  constexpr std::uint32_t connections = 60;
  std::vector<Client> clients;
  for (std::uint32_t i = 0; i < connections; ++i) clients.emplace_back(host.port());
  for (std::uint32_t i = 0; i < connections; ++i) clients[i].send(pattern(1000, i));
  for (std::uint32_t i = 0; i < connections; ++i)
    ASSERT_TRUE(clients[i].receive(1000) == pattern(1000, i)) << "connection " << i;
  const auto end = host.stop();
  expect_clean(end);
  EXPECT_EQ(end.report.value("accepted", 0U), connections);
}

}  // namespace
}  // namespace contend::test
