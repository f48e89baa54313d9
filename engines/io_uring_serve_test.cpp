// The io_uring engine as a server, on kernels that can do less and with queues that are too small.
// What every engine must do is in conformance_*_test.cpp.
#include <numeric>
#include <optional>
#include <thread>

#include "engines/io_uring_testing.hpp"

namespace contend::test {
namespace {

class UringServe : public Uring {};
INSTANTIATE_TEST_SUITE_P(Setups, UringServe, ::testing::ValuesIn(cases),
                         [](const auto& one) { return std::string(one.param.name); });

/// Sends all of `message` while it receives the answer, which must be the same.
void expect_echo(Client& client, const std::string& message) {
  std::thread sender([&] { EXPECT_EQ(client.send(message), message.size()); });
  const std::string answer = client.receive(message.size());
  sender.join();
  EXPECT_TRUE(answer == message) << answer.size() << " of " << message.size() << " bytes";
}

TEST_P(UringServe, EchoesBurstsOfOneMebibyte) {
  Served server = serve();
  Client client(server.port());
  for (std::uint32_t burst = 1; burst <= 3; ++burst) expect_echo(client, pattern(1 << 20, burst));
}

TEST_P(UringServe, ServesMoreConnectionsThanItsQueuesHold) {
  Served server = serve();
  constexpr std::uint32_t connections = 200;
  std::vector<Client> clients;
  for (std::uint32_t i = 0; i < connections; ++i) clients.emplace_back(server.port());
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < connections; ++i) clients[i].send(pattern(5000, i + round));
    for (std::uint32_t i = 0; i < connections; ++i)
      ASSERT_TRUE(clients[i].receive(5000) == pattern(5000, i + round)) << "connection " << i;
  }
  const ServeReport report = server.stop();
  EXPECT_EQ(report.accepted, connections);
  EXPECT_EQ(report.accept_pauses, 0U);
}

// Were receive buffers held for those who do not read, these would hold all of them.
TEST_P(UringServe, IsNotHeldUpByTwoHundredPeersThatDoNotRead) {
  constexpr int buffer_bytes = 8 << 10;  // the kernel's, so that little is held there
  Fd listener = listen_on(Endpoint::loopback(0));
  for (const int which : {SO_SNDBUF, SO_RCVBUF})
    setsockopt(listener.get(), SOL_SOCKET, which, &buffer_bytes, sizeof buffer_bytes);
  Served server(setup(), std::make_unique<ServiceOf<Scripted>>(), {}, std::move(listener));
  std::vector<Client> stuck;
  for (int i = 0; i < 200; ++i) {
    stuck.emplace_back(server.port(), buffer_bytes);
    setsockopt(stuck.back().get(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    set_nonblocking(stuck.back().get(), true);
  }
  // More than a backlog and all receive buffers of a turn hold.
  const std::string message = pattern(8 << 20);
  std::vector<std::size_t> sent(stuck.size());
  int quiet = 0;
  EXPECT_TRUE(eventually([&] {
    const std::size_t before = std::reduce(sent.begin(), sent.end());
    for (std::size_t i = 0; i < stuck.size(); ++i)
      sent[i] += stuck[i].send(std::string_view(message).substr(sent[i]));
    quiet = std::reduce(sent.begin(), sent.end()) == before ? quiet + 1 : 0;
    return quiet == 10;
  }));
  EXPECT_LT(std::ranges::max(sent), message.size()) << "somebody holds without limit";

  Client reader(server.port());
  for (std::uint32_t i = 0; i < 50; ++i) ASSERT_EQ(reader.ask(pattern(700, i)), pattern(700, i));
  for (std::size_t i = 0; i < stuck.size(); i += 20) {
    set_nonblocking(stuck[i].get(), false);
    const std::string answer = stuck[i].receive(sent[i]);
    EXPECT_TRUE(answer == message.substr(0, sent[i])) << answer.size() << " of " << sent[i];
  }
}

TEST_P(UringServe, AnswersAllBeforeItHearsOfTheEnd) {
  Served server = serve();
  for (const std::size_t size : {1U, 5'000U, 1U << 20}) {
    Client client(server.port());
    const std::string message = pattern(size);
    std::thread sender([&] {
      EXPECT_EQ(client.send(message), size);
      client.half_close();
    });
    EXPECT_TRUE(client.receive(size) == message) << size;
    sender.join();
    EXPECT_TRUE(client.at_end());
  }
}

TEST_P(UringServe, OutlivesResets) {
  Served server = serve();
  for (int i = 0; i < 40; ++i) {
    Client client(server.port());
    client.set_patience(std::chrono::milliseconds(20));
    client.send(pattern(i % 4 == 0 ? 1 << 20 : 100));
    if (i % 2 == 0) client.receive(50);
    client.reset();
  }
  Client client(server.port());
  EXPECT_EQ(client.ask("still there?"), "still there?");
}

TEST_P(UringServe, FindsAnEndThatTheKernelDidNotReport) {
  if (!setup().features.multishot_receive) GTEST_SKIP() << "each receive is a new one";
  Served server = serve();
  Client client(server.port());
  ASSERT_EQ(client.ask("hello"), "hello");
  const int served = other_end_of(client.get());
  ASSERT_GE(served, 0);
  reset_unseen(served);
  EXPECT_TRUE(eventually([&] { return fcntl(served, F_GETFD) < 0; }));
  EXPECT_TRUE(client.at_end());
}

TEST_P(UringServe, SeatsNoMoreThanTheLimit) {
  Served server = serve({.max_connections = 3});
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back(server.port());
  for (Client& client : clients) client.send("x");
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].receive(1), "x") << i;
    const auto seated = [&] {
      std::size_t readable = 0;
      for (std::size_t other = i + 1; other < clients.size(); ++other)
        readable += clients[other].readable() ? 1 : 0;
      return readable;
    };
    EXPECT_TRUE(eventually([&] { return seated() == std::min(clients.size() - i - 1, 2UL); })) << i;
    EXPECT_FALSE(eventually([&] { return seated() > 2; }, std::chrono::milliseconds(10)));
    clients[i].close();
  }
  EXPECT_EQ(server.stop().accepted, clients.size());
}

TEST_P(UringServe, PausesAcceptingWithoutDescriptorsAndRecovers) {
  Fd listener = listen_on(Endpoint::loopback(0));
  constexpr std::size_t count = 10, room = 3;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < count; ++i) clients.emplace_back(port_of(listener)).send("x");
  const auto answered = [&] { return std::ranges::count_if(clients, &Client::readable); };
  std::optional<DescriptorsLeft> few(room + 2);  // the stop's event, and the ring
  Served server(setup(), std::make_unique<ServiceOf<Scripted>>(), {}, std::move(listener));
  EXPECT_TRUE(eventually([&] { return answered() == room; })) << answered();
  EXPECT_FALSE(eventually([&] { return answered() != room; }, 3 * accept_pause));
  EXPECT_EQ(clients[0].receive(1), "x");
  EXPECT_EQ(clients[0].ask("y"), "y") << "while others wait to be accepted";
  clients[0].close();  // two descriptors, since its peer's is here too
  EXPECT_TRUE(eventually([&] { return answered() == room - 1 + 2; })) << answered();
  few.reset();
  EXPECT_TRUE(eventually([&] { return answered() == count - 1; })) << answered();
  const ServeReport report = server.stop();
  EXPECT_EQ(report.accepted, count);
  EXPECT_GE(report.accept_pauses, 2U);
  EXPECT_LE(report.accept_pauses, 1000U) << "a busy loop";
}

TEST_P(UringServe, StopsInMidFlightAndLeavesNoDescriptor) {
  const std::size_t before = descriptors_of(getpid());
  {
    Served server = serve();
    std::vector<Client> clients;
    for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
    for (Client& client : clients) {
      client.set_patience(std::chrono::milliseconds(1));
      client.send(pattern(100'000));
    }
    Client last(server.port());
    last.ask("all are accepted");
    const TimePoint stopped = Clock::now();
    EXPECT_EQ(server.stop().accepted, 101U);
    EXPECT_LT(Clock::now() - stopped, std::chrono::seconds(1) * sanitizer_factor);
  }
  EXPECT_EQ(descriptors_of(getpid()), before);
}

TEST_P(UringServe, ServesWithSeveralLoopsThatSpin) {
  Served server = serve({.workers = 3, .spin = std::chrono::microseconds(200)});
  std::vector<Client> clients;
  for (int i = 0; i < 30; ++i) clients.emplace_back(server.port());
  for (int round = 0; round < 5; ++round)
    for (Client& client : clients) ASSERT_EQ(client.ask("round and round"), "round and round");
  EXPECT_EQ(server.stop().accepted, 30U);
}

/// Answers each message 30 ms later, then with some more in pieces.
class Held : public Scripted {
 public:
  Step on_bytes(Bytes bytes) override {
    left_ = 3;
    return {.send = bytes,
            .not_before = Clock::now() + std::chrono::milliseconds(30),
            .then = Step::Then::more};
  }
  Step on_sent() override {
    static constexpr std::byte piece[2] = {std::byte{'+'}, std::byte{'-'}};
    if (--left_ > 0) return {.send = Bytes(piece).first(1), .then = Step::Then::more};
    return {.send = Bytes(piece).last(1)};
  }

 private:
  int left_ = 0;
};

TEST_P(UringServe, HoldsStepsAndWhatComesMeanwhile) {
  Served server = serve<Held>();
  Client client(server.port());
  const TimePoint asked = Clock::now();
  client.send("a");
  EXPECT_EQ(client.receive(1), "a");
  EXPECT_GE(Clock::now() - asked, std::chrono::milliseconds(30));
  client.send("b");
  EXPECT_EQ(client.receive(4), "++-b");
  client.send(std::string(100'000, 'c'));  // held in part by us, in part by the kernel
  client.half_close();
  const std::string rest = client.receive_all();
  EXPECT_TRUE(rest.starts_with("++-c"));
  EXPECT_EQ(std::ranges::count(rest, 'c'), 100'000);
  EXPECT_EQ(rest.substr(rest.size() - 3), "++-");
}

/// Refuses everything in the manner of an error page.
class Refusing : public Scripted {
 public:
  Step on_bytes(Bytes) override {
    static constexpr std::byte no[2] = {std::byte{'n'}, std::byte{'o'}};
    return {.send = no, .then = Step::Then::linger};
  }
};

TEST_P(UringServe, LingersSoThatTheAnswerArrives) {
  Served server = serve<Refusing>();
  Client client(server.port());
  EXPECT_EQ(client.send(pattern(300'000)), 300'000U);
  EXPECT_EQ(client.receive_all(), "no");
  EXPECT_EQ(client.error(), 0) << "a reset";
  client.close();
  Client stays(server.port());
  stays.send("x");
  EXPECT_EQ(stays.receive_all(), "no");
  const TimePoint before = Clock::now();
  EXPECT_TRUE(eventually([&] { return stays.send("x") == 0; })) << "closed after a while";
  EXPECT_LT(Clock::now() - before, linger_limit * 4 * sanitizer_factor);
}

}  // namespace
}  // namespace contend::test
