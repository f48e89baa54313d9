// Conformance of every engine's `serve` role where answers wait, come in parts or end the
// connection: the http workload, asked by plain sockets. HTTP itself is tested where it is written,
// with all cuts; here, every engine has to give the same answers to the same corpus.
#include "engines/test_engines.hpp"
#include "workloads/http/corpus_testing.hpp"

namespace contend::test {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
constexpr std::string_view text = "Hello, world!";

std::string get_path(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n";
}

struct Response {
  int status = 0;
  std::string body;
};

/// The next one, by its Content-Length; a status of 0: there was none.
Response read_response(Client& client) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = client.receive(1);
    if (byte.empty()) return {};
    head += byte;
  }
  constexpr std::string_view field = "Content-Length: ";
  const std::size_t length = head.find(field);
  if (!head.starts_with("HTTP/1.1 ") || length == std::string::npos) return {};
  return {std::stoi(head.substr(9)),
          client.receive(std::stoul(head.substr(length + field.size())))};
}

class ServeHttp : public RoleTest<&Engine::serve> {
 protected:
  void SetUp() override {
    RoleTest::SetUp();
    if (!is_listed("http")) GTEST_SKIP() << "there is no http";
  }
  TestHost host() const { return TestHost(command("serve", "http")); }
};
CONTEND_FOR_EVERY_ENGINE(ServeHttp);

TEST_P(ServeHttp, TakesARequestSplitAtAnyByte) {
  TestHost server = host();
  Client client(server.port());
  for (std::size_t split = 1; split < get.size(); ++split) {
    client.send(get.substr(0, split));
    client.send(get.substr(split));
    ASSERT_EQ(read_response(client).body, text) << "split at " << split;
  }
  for (const char byte : get) client.send({&byte, 1});
  EXPECT_EQ(read_response(client).body, text);
}

/// Sends the request of `one` in pieces of `piece_bytes` on a connection of its own, and returns
/// what came back. A connection that stays open has to answer one more request. Where the server
/// has answered and closed before the last piece was sent, that piece is answered with a reset.
std::string converse(std::uint16_t port, const http_testing::CorpusCase& one,
                     std::size_t piece_bytes) {
  Client client(port);
  std::string_view rest = one.request;
  for (; !rest.empty(); rest.remove_prefix(std::min(piece_bytes, rest.size())))
    client.send(rest.substr(0, piece_bytes));
  std::string received = client.receive(one.response.size());
  const bool is_cut = piece_bytes < one.request.size();
  if (one.closes)
    return client.at_end() || (is_cut && client.error() == ECONNRESET) ? received
                                                                       : received + " and no end";
  client.send(get);
  return read_response(client).body == text ? received : received + " and no more";
}

TEST_P(ServeHttp, AnswersTheCorpusWholeCutAndByteByByte) {
  constexpr std::size_t cut_up_bytes = 1000;  // longer ones are not sent byte by byte
  TestHost server = host();
  for (const http_testing::CorpusCase& one : http_testing::read_http_corpus()) {
    const std::size_t size = one.request.size();
    for (const std::size_t pieces : {std::size_t{1}, std::size_t{2}, std::size_t{5}, size}) {
      if (pieces == size && size > cut_up_bytes) continue;
      ASSERT_EQ(converse(server.port(), one, (size + pieces - 1) / pieces), one.response)
          << one.name << ", in " << pieces << " pieces";
    }
  }
}

TEST_P(ServeHttp, AnswersPipelinedRequestsInOrder) {
  TestHost server = host();
  Client client(server.port());
  std::string requests;
  for (std::size_t i = 0; i < 50; ++i) requests += get_path("/bytes/" + std::to_string(i * 10));
  client.send(requests);
  for (std::size_t i = 0; i < 50; ++i) ASSERT_EQ(read_response(client).body.size(), i * 10);
}

TEST_P(ServeHttp, SendsLongBodiesInPartsAndGoesOn) {
  TestHost server = host();
  Client client(server.port());
  client.send(get_path("/bytes/3000000") + std::string(get));
  const Response response = read_response(client);
  ASSERT_EQ(response.body.size(), 3'000'000U);
  for (std::size_t i = 0; i < response.body.size(); ++i)
    ASSERT_EQ(response.body[i], static_cast<char>('!' + i % 89)) << "byte " << i;
  EXPECT_EQ(read_response(client).body, text);
}

TEST_P(ServeHttp, HoldsADelayedAnswerAndThoseBehindIt) {
  TestHost server = host();
  Client client(server.port());
  const TimePoint asked = Clock::now();
  client.send(get_path("/delay/50") + get_path("/bytes/5"));
  EXPECT_EQ(read_response(client).body, text);
  EXPECT_GE(Clock::now() - asked, 50ms);
  EXPECT_EQ(read_response(client).body.size(), 5U);
}

TEST_P(ServeHttp, AnswersOthersWhileOneIsDelayed) {
  if (!engine().concurrent) GTEST_SKIP() << "one at a time";
  TestHost server = host();
  Client delayed(server.port()), other(server.port());
  delayed.send(get_path("/delay/1500"));
  other.send(get);
  EXPECT_EQ(read_response(other).body, text);
  EXPECT_FALSE(delayed.readable()) << "the other one had to wait";
  EXPECT_EQ(read_response(delayed).body, text);
}

TEST_P(ServeHttp, EndsWhileAnAnswerIsDelayed) {
  TestHost server = host();
  Client client(server.port());
  client.send(std::string(get) + get_path("/delay/30000"));
  EXPECT_EQ(read_response(client).body, text);
  const auto end = server.stop();
  EXPECT_EQ(end.status, 0);
  EXPECT_FALSE(end.report.is_null());
  EXPECT_LT(end.took, 1s * sanitizer_factor);
}

TEST_P(ServeHttp, ClosesWhenAskedTo) {
  TestHost server = host();
  Client client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(read_response(client).body, text);
  EXPECT_TRUE(client.at_end()) << "errno " << client.error();
}

// What a server has not read when it closes makes its system send a reset, and that destroys the
// answer on its way; so it has to linger.
TEST_P(ServeHttp, GetsARefusalThroughToAClientThatGoesOnSending) {
  TestHost server = host();
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_EQ(client.send(std::string(512 << 10, 'x')), 512U << 10);
  EXPECT_EQ(read_response(client).status, 413);
  EXPECT_TRUE(client.at_end()) << "errno " << client.error();
  client.close();
  Client next(server.port());
  next.send(get);
  EXPECT_EQ(read_response(next).body, text);
}

// A server that is paused sees both at once, and its next receive may bring the bytes alone.
TEST_P(ServeHttp, ForgetsPeersThatSendBytesAndEndAtOnce) {
  const std::string path = "/tmp/contend-test-" + std::to_string(getpid()) + ".socket";
  for (const std::string& address : {std::string("127.0.0.1:0"), "unix:" + path}) {
    SCOPED_TRACE(address);
    std::filesystem::remove(path);
    TestHost server(command("serve", "http", {"--listen", address}));
    const bool is_unix = address.starts_with("unix:");
    if (is_unix) server.read_line();
    const Endpoint endpoint =
        is_unix ? Endpoint::parse(address) : Endpoint::loopback(server.port());
    const auto ask = [&] {
      Client client(endpoint);
      client.send(get);
      EXPECT_EQ(read_response(client).body, text);
      return client;
    };
    const auto with_one_open = [&] {
      const Client client = ask();
      return server.descriptors();
    };
    const std::size_t before = with_one_open();
    std::vector<Client> clients;
    for (int i = 0; i < (engine().concurrent ? 10 : 1); ++i) clients.push_back(ask());
    {
      const Paused paused(server.pid());
      for (Client& client : clients) {
        client.send(get.substr(0, 10));
        is_unix ? client.close() : client.reset();
      }
    }
    std::size_t after = 0;
    eventually([&] { return (after = with_one_open()) <= before; });
    EXPECT_LE(after, before);
    EXPECT_EQ(server.stop().status, 0);
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace contend::test
