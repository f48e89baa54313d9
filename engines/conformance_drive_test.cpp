// Conformance of every engine's `drive` role: the workloads' clients against a server that is not
// ours, right and wrong. What one step of a session means is conformance_steps_test.cpp's.
#include <algorithm>
#include <atomic>
#include <map>

#include "engines/test_engines.hpp"
#include "engines/test_server.hpp"
#include "workloads/fib.hpp"

namespace contend::test {
namespace {

constexpr std::string_view hello =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";

/// How a server of a workload answers rightly, and knows a request when it sees one.
struct Protocol {
  std::string workload;
  std::string (*read_request)(Client&);  // empty: there are no more
  std::string (*answer)(const std::string& request);
};

std::string read_message(Client& peer) {
  const std::string message = peer.receive(64);
  return message.size() == 64 ? message : "";
}
std::string same(const std::string& message) {
  return message;
}
std::string read_head(Client& peer) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = peer.receive(1);
    if (byte.empty()) return "";
    head += byte;
  }
  return head;
}
std::string say_hello(const std::string&) {
  return std::string(hello);
}

std::string say_hello_or_compute(const std::string& head) {
  constexpr std::string_view heavy = "/fib/";
  const std::size_t at = head.find(heavy);
  if (at == std::string::npos) return say_hello(head);
  const std::string number = std::to_string(fib(std::stoull(head.substr(at + heavy.size()))));
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(number.size()) + "\r\n\r\n" +
         number;
}

class Drive : public RoleTest<&Engine::drive> {
 protected:
  static std::vector<Protocol> protocols() {
    std::vector<Protocol> all{{"echo", read_message, same},
                              {"http", read_head, say_hello},
                              {"mixed", read_head, say_hello_or_compute},
                              {"fetch", read_head, say_hello}};
    std::erase_if(all, [](const Protocol& one) { return !is_listed(one.workload); });
    return all;
  }
  TestHost host(const Protocol& protocol, const std::string& address,
                const std::vector<std::string>& settings = {}, rlim_t descriptors = 0) const {
    std::vector<std::string> more{"--connect", address, "--clients", std::to_string(clients)};
    for (const std::string& setting : settings) more.insert(more.end(), {"--set", setting});
    return TestHost(command("drive", protocol.workload, more), {.descriptors = descriptors});
  }
  /// Checks all that holds for any report, and returns how many requests went well.
  static std::uint64_t check(const TestHost::End& end, std::uint64_t expected) {
    EXPECT_EQ(end.status, 0);
    EXPECT_TRUE(end.left.empty());
    if (end.report.is_null()) {
      ADD_FAILURE() << "no report";
      return 0;
    }
    EXPECT_EQ(end.report.at("expected"), expected);
    std::map<std::uint64_t, std::int64_t> last_start;
    std::uint64_t good = 0, bad = 0;
    for (const auto& span : end.report.at("spans")) {
      EXPECT_LT(span.at("lane"), clients);
      if (!span.at("ok").get<bool>()) continue;
      ++good;
      const std::int64_t start = span.at("start_ns"), finish = span.at("finish_ns");
      EXPECT_LE(last_start[span.at("lane")], start) << "a client's requests are in order";
      EXPECT_LE(start, finish);
      EXPECT_LE(finish, end.report.at("wall_ns").get<std::int64_t>());
      last_start[span.at("lane")] = start;
    }
    for (const auto& [kind, count] : end.report.at("errors").items()) bad += count.get<unsigned>();
    EXPECT_EQ(good + bad, end.report.at("spans").size());
    return good;
  }
  /// Where every request must fail in the same way.
  void expect_all(const Protocol& protocol, const std::string& error, const std::string& address,
                  const std::vector<std::string>& settings = {}) const {
    SCOPED_TRACE(protocol.workload);
    std::vector<std::string> all = settings;
    if (protocol.workload != "fetch") all.push_back("requests=2");
    const unsigned expected = protocol.workload == "fetch" ? clients : 2 * clients;
    const auto end = host(protocol, address, all).wait();
    EXPECT_EQ(check(end, expected), 0U);
    EXPECT_EQ(end.report.value("errors", nlohmann::json()), nlohmann::json({{error, expected}}));
  }

  static constexpr unsigned clients = 5;
};
CONTEND_FOR_EVERY_ENGINE(Drive);

TEST_P(Drive, IsTestedWithEveryWorkloadThatHasClients) {
  for (const Workload& workload : workloads()) {
    const auto is_it = [&](const Protocol& one) { return one.workload == workload.name; };
    EXPECT_EQ(std::ranges::any_of(protocols(), is_it), workload.client != nullptr) << workload.name;
  }
}

TEST_P(Drive, MakesEveryRequestOnce) {
  for (const Protocol& protocol : protocols()) {
    SCOPED_TRACE(protocol.workload);
    std::atomic<unsigned> requests = 0;
    TestServer server([&](Client& peer) {
      for (std::string request; !(request = protocol.read_request(peer)).empty();) {
        ++requests;  // before the client can know
        peer.send(protocol.answer(request));
      }
    });
    const bool once = protocol.workload == "fetch";
    const unsigned expected = once ? clients : 20 * clients;
    const auto end =
        host(protocol, server.address(),
             once ? std::vector<std::string>{} : std::vector<std::string>{"requests=20"})
            .wait();
    EXPECT_EQ(check(end, expected), expected);
    EXPECT_EQ(end.report.value("errors", nlohmann::json()), nlohmann::json::object());
    EXPECT_EQ(requests, expected);
    EXPECT_EQ(server.connections(), clients);
  }
}

TEST_P(Drive, ConnectsAnewForEachRequestWhenAskedTo) {
  const Protocol protocol = protocols().front();
  TestServer server([&](Client& peer) {
    for (std::string request; !(request = protocol.read_request(peer)).empty();)
      peer.send(protocol.answer(request));
  });
  const auto end =
      host(protocol, server.address(), {"requests=10", "requests_per_connection=1"}).wait();
  EXPECT_EQ(check(end, 10 * clients), 10 * clients);
  EXPECT_EQ(server.connections(), 10 * clients);
}

TEST_P(Drive, SendsAndTakesLongMessages) {
  const Protocol protocol = protocols().front();
  TestServer server([](Client& peer) {
    for (std::string some; !(some = peer.receive(1000)).empty();) {
      peer.send(some);
      if (some.size() < 1000) return;
    }
  });
  const auto end =
      host(protocol, server.address(), {"requests=20", "size_bytes=50000", "pipeline=2"}).wait();
  EXPECT_EQ(check(end, 20 * clients), 20 * clients);
}

TEST_P(Drive, ReportsRefusals) {
  const Fd nobody = bound_socket();  // nobody listens here
  for (const Protocol& protocol : protocols())
    expect_all(protocol, "refused", Endpoint::loopback(port_of(nobody)).text());
}

TEST_P(Drive, ReportsResets) {
  for (const Protocol& protocol : protocols()) {
    TestServer server([&](Client& peer) {
      protocol.read_request(peer);
      peer.reset();
    });
    expect_all(protocol, "reset", server.address());
  }
}

TEST_P(Drive, ReportsConnectionsClosedTooEarly) {
  for (const Protocol& protocol : protocols()) {
    TestServer server([&](Client& peer) {
      const std::string answer = protocol.answer(protocol.read_request(peer));
      peer.send(answer.substr(0, answer.size() / 2));
    });
    expect_all(protocol, "closed_early", server.address());
  }
}

TEST_P(Drive, ReportsAnswersThatNeverCome) {
  for (const Protocol& protocol : protocols()) {
    TestServer server([&](Client& peer) { peer.receive_all(); });
    expect_all(protocol, "timed_out", server.address(), {"timeout_ms=60"});
  }
}

TEST_P(Drive, PlaysClientsAtTheSameTimeOrOneByOne) {
  const Protocol protocol = protocols().back();
  std::atomic<unsigned> asked = 0, unanswered = 0, others_waiting = 0;
  TestServer server([&](Client& peer) {
    const std::string request = protocol.read_request(peer);
    ++asked;
    if (++unanswered > 1) ++others_waiting;
    if (engine().concurrent) eventually([&] { return asked == clients; });
    --unanswered;
    peer.send(protocol.answer(request));
    peer.receive_all();
  });
  const auto end = host(protocol, server.address()).wait();
  EXPECT_EQ(check(end, clients), clients);
  EXPECT_EQ(others_waiting, engine().concurrent ? clients - 1 : 0);
}

TEST_P(Drive, EndsWhenToldTo) {
  for (const Protocol& protocol : protocols()) {
    SCOPED_TRACE(protocol.workload);
    std::atomic<unsigned> seen = 0;
    TestServer server([&](Client& peer) {
      if (!protocol.read_request(peer).empty()) ++seen;
      peer.receive_all();
    });
    TestHost driver = host(protocol, server.address());
    EXPECT_TRUE(eventually([&] { return seen == (engine().concurrent ? clients : 1); }));
    const auto end = driver.stop();
    EXPECT_EQ(check(end, clients), 0U);
    EXPECT_LT(end.took, 1s * sanitizer_factor);
  }
}

TEST_P(Drive, EndsWithAReportWhenDescriptorsRunOut) {
  const Protocol protocol = protocols().front();
  TestServer server([&](Client& peer) {
    for (std::string request; !(request = protocol.read_request(peer)).empty();)
      peer.send(protocol.answer(request));
  });
  // Too few for all at once, and enough for one.
  const TestHost::End end =
      TestHost(command("drive", "echo",
                       {"--connect", server.address(), "--clients", "60", "--set", "requests=3"}),
               {.descriptors = 30})
          .wait();
  EXPECT_EQ(end.status, 0);
  EXPECT_EQ(end.report.value("spans", nlohmann::json()).size(), 180U);
}

}  // namespace
}  // namespace contend::test
