// Runs of load against servers that misbehave: what is wrong is counted by its kind, what is right
// beside it still counts, and the run ends in time.
#include <gtest/gtest.h>

#include <atomic>

#include "engines/test_server.hpp"
#include "harness/load/load_testing.hpp"
#include "harness/load/report.hpp"
#include "harness/load/run.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using load_testing::receive_request;
using load_testing::right;
using test::Client;
using test::TestServer;

const std::string chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Checksum\r\n\r\n"
    "1;name=value\r\no\r\n1\r\nk\r\n0\r\nChecksum: 7\r\n\r\n";
const std::string interim =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + right;

/// What a server does with a request that has come; whether it goes on.
using Answer = std::function<bool(Client&)>;

TestServer::Talk for_each_request(Answer answer) {
  return [answer = std::move(answer)](Client& peer) {
    while (receive_request(peer) && answer(peer)) {
    }
  };
}

/// The text is always what is sent, and the connection stays.
Answer always(const std::string& text) {
  return [text](Client& peer) { return peer.send(text) == text.size(); };
}
Answer then_closes(const std::string& text) {
  return [text](Client& peer) {
    peer.send(text);
    return false;
  };
}
/// Says nothing more, however long the peer waits.
Answer then_never(const std::string& text) {
  return [text](Client& peer) {
    peer.send(text);
    peer.receive_all();
    return false;
  };
}

RunReport load_on(const Answer& answer, std::uint64_t requests = 12, Duration timeout = 20s,
                  std::uint32_t connections = 3) {
  TestServer server(for_each_request(answer));
  RunSpec spec{.target = Target::parse("http://" + server.address() + "/"),
               .connections = connections,
               .duration = 20s,
               .requests = requests,
               .timeout = timeout};
  spec.calls[0].expected = "ok";
  RunReport report = run(spec, {}, [](const Progress&) {});
  EXPECT_LT(report.duration, 15s) << text(spec, report);
  EXPECT_EQ(report.service_time.count(), report.answered);
  return report;
}

using Errors = std::map<std::string, std::uint64_t>;

TEST(LoadOnMisbehaving, TakesEveryFormOfARightAnswer) {
  const std::string until_close = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok";
  for (const std::string& answer : {right, chunked, interim}) {
    const RunReport report = load_on(always(answer));
    EXPECT_EQ(report.answered, 12U) << answer;
    EXPECT_EQ(report.errors, Errors{}) << answer;
  }
  const RunReport report = load_on(then_closes(until_close));
  EXPECT_EQ(report.answered, 12U);
  EXPECT_EQ(report.errors, Errors{});
}

/// However little comes at once, an answer is the same.
TEST(LoadOnMisbehaving, TakesAnswersByteByByte) {
  for (const std::string& answer : {right, chunked, interim}) {
    const RunReport report = load_on([&](Client& peer) {
      for (const char& byte : answer) peer.send({&byte, 1});
      return true;
    });
    EXPECT_EQ(report.answered, 12U) << answer;
    EXPECT_EQ(report.errors, Errors{}) << answer;
  }
}

/// A right answer comes between any two of them, so that no back-off grows.
TEST(LoadOnMisbehaving, CountsAnAnswerThatIsCutOffAtAnyByte) {
  for (const std::string& answer : {right, chunked, interim}) {
    std::atomic<std::size_t> next{0};
    const RunReport report = load_on(
        [&](Client& peer) {
          const std::size_t number = next++;
          if (number % 2 == 0) return always(answer)(peer);
          return then_closes(answer.substr(0, number / 2))(peer);
        },
        2 * answer.size(), 20s, 1);
    EXPECT_EQ(report.answered, answer.size()) << answer;
    EXPECT_EQ(report.errors, (Errors{{"closed_early", answer.size()}})) << answer;
  }
}

TEST(LoadOnMisbehaving, CountsAnAnswerThatIsNotAsLongAsItSays) {
  EXPECT_EQ(load_on(then_closes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok")).errors,
            (Errors{{"closed_early", 12}}));
  EXPECT_EQ(load_on(always("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\no")).errors,
            (Errors{{"wrong_body", 12}}));
  const RunReport longer = load_on(then_closes(right + "and more"));
  EXPECT_EQ(longer.answered, 12U);
  EXPECT_EQ(longer.errors, (Errors{{"malformed", 12}}));
  EXPECT_EQ(longer.examples.at("malformed"), R"(nobody asked for "and more")");
}

TEST(LoadOnMisbehaving, CountsAnAnswerThatComesTwice) {
  const RunReport report = load_on(then_closes(right + right));
  EXPECT_EQ(report.answered, 12U);
  EXPECT_EQ(report.errors, (Errors{{"malformed", 12}}));
}

TEST(LoadOnMisbehaving, CountsWhatIsNoAnswer) {
  for (const char* rubbish : {"rubbish\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n", "HTTP/9.9 abc\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    const RunReport report = load_on(always(rubbish));
    EXPECT_EQ(report.errors, (Errors{{"malformed", 12}})) << rubbish;
    EXPECT_NE(report.examples.at("malformed"), "");
  }
}

TEST(LoadOnMisbehaving, GivesUpWhatNeverComesOrNeverEnds) {
  for (const std::size_t sent : {std::size_t{0}, right.size() / 2, right.size() - 1})
    EXPECT_EQ(load_on(then_never(right.substr(0, sent)), 6, 30ms).errors,
              (Errors{{"timed_out", 6}}));
  // It goes on and on, a byte at a time, and each is no more time for the rest.
  const RunReport trickling = load_on(
      [](Client& peer) {
        peer.send("HTTP/1.1 200 OK\r\nX: ");
        while (peer.send("x") == 1) std::this_thread::sleep_for(1ms);
        return false;
      },
      6, 30ms);
  EXPECT_EQ(trickling.errors, (Errors{{"timed_out", 6}}));
}

/// A reset may overtake what was sent before it: what came of that is told rightly or not at all.
TEST(LoadOnMisbehaving, CountsResets) {
  const auto resets = [](const std::string& before) {
    return [before](Client& peer) {
      peer.send(before);
      peer.reset();
      return false;
    };
  };
  EXPECT_EQ(load_on(resets("")).errors, (Errors{{"reset", 12}}));
  EXPECT_EQ(load_on(resets(right.substr(0, 20))).errors, (Errors{{"reset", 12}}));
}

TEST(LoadOnMisbehaving, WaitsForAServerThatFreezes) {
  std::atomic<int> answers{0};
  TestServer server(for_each_request([&](Client& peer) {
    if (++answers == 20) std::this_thread::sleep_for(300ms);
    return always(right)(peer);
  }));
  RunSpec spec{.target = Target::parse("http://" + server.address() + "/"),
               .connections = 1,
               .duration = 800ms};
  spec.schedule = Schedule::constant(100, spec.duration);
  const RunReport report = run(spec, {}, [](const Progress&) {});
  EXPECT_EQ(report.errors, Errors{});
  EXPECT_GE(report.response_time.max(), 300ms);
  EXPECT_TRUE(report.gaps.empty()) << "a slow server is no dead one";
}

/// A server may close connections that are idle, as most do after some time: no request fails for
/// that but one that is sent in the same moment, and as many as were asked for are open again.
TEST(LoadOnMisbehaving, LosesNoRequestToAnIdleConnectionThatIsClosed) {
  TestServer server(for_each_request(then_closes(right)));
  RunSpec spec{.target = Target::parse("http://" + server.address() + "/"),
               .connections = 2,
               .duration = 1s};
  spec.schedule = Schedule::constant(50, spec.duration);
  const RunReport report = run(spec, {}, [](const Progress&) {});
  EXPECT_LE(report.failed_requests, 10U) << text(spec, report);
  EXPECT_EQ(report.answered + report.failed_requests + report.unanswered + report.unsent, 50U);
  EXPECT_GE(report.answered, 40U);
  EXPECT_GE(server.connections(), 40);
}

Target root_of(const TestServer& server) {
  return Target::parse("http://" + server.address() + "/");
}

/// Runs load that posts `body_size` bytes in each request.
RunReport post(std::size_t body_size, RunSpec spec) {
  spec.calls[0].method = "POST";
  spec.calls[0].body = std::string(body_size, 'x');
  spec.duration = 20s;
  RunReport report = run(spec, {}, [](const Progress&) {});
  EXPECT_LT(report.duration, 15s) << text(spec, report);
  return report;
}

TEST(LoadOnMisbehaving, GivesUpWhatTheServerDoesNotReceive) {
  std::atomic<bool> is_over = false;
  TestServer server([&](Client&) { test::eventually([&] { return is_over.load(); }); });
  const RunReport report = post(
      20 << 20, {.target = root_of(server), .connections = 2, .requests = 4, .timeout = 300ms});
  is_over = true;
  EXPECT_EQ(report.answered, 0U);
  EXPECT_EQ(report.errors, (Errors{{"timed_out", 4}}));
  EXPECT_GE(server.connections(), 3);
}

/// The server receives no request before its answer to the one before has been taken.
TEST(LoadOnMisbehaving, TakesLongAnswersWhileItSends) {
  constexpr std::size_t body_size = 100 << 10;
  const std::string long_answer =
      "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'y');
  TestServer server([&](Client& peer) {
    while (receive_request(peer) && peer.receive(body_size).size() == body_size)
      peer.send(long_answer);
  });
  const RunReport report = post(
      body_size, {.target = root_of(server), .connections = 1, .requests = 256, .pipeline = 128});
  EXPECT_EQ(report.answered, 256U);
  EXPECT_EQ(report.errors, Errors{});
  EXPECT_EQ(server.connections(), 1);
}

TEST(LoadOnMisbehaving, ConnectsAnewIfARequestIsAnsweredBeforeItIsSent) {
  TestServer server([&](Client& peer) {
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    peer.receive_all();
  });
  const RunReport report =
      post(20 << 20, {.target = root_of(server), .connections = 2, .requests = 4});
  EXPECT_EQ(report.errors, (Errors{{"wrong_status", 4}}));
  EXPECT_GE(server.connections(), 3);
}

/// Otherwise each answer would be taken for that to the next request.
TEST(LoadOnMisbehaving, CountsAnAnswerThatComesBeforeItsRequest) {
  std::atomic<bool> is_first = true;
  TestServer server([&](Client& peer) {
    while (receive_request(peer)) {
      peer.send(right);
      if (!is_first.exchange(false)) continue;
      std::this_thread::sleep_for(20ms);  // in a receive of its own, long before the next request
      peer.send(right);
    }
  });
  RunSpec spec{.target = Target::parse("http://" + server.address() + "/"),
               .connections = 1,
               .duration = 3s};
  spec.schedule = Schedule::constant(1, spec.duration);
  const RunReport report = run(spec, {}, [](const Progress&) {});
  EXPECT_EQ(report.errors, (Errors{{"malformed", 1}})) << text(spec, report);
  EXPECT_EQ(server.connections(), 2);
}

/// All kinds at once, and what is right between them: each is counted, and no more than was sent.
TEST(LoadOnMisbehaving, KeepsKindsApart) {
  std::atomic<unsigned> next{0};
  const std::vector<Answer> answers{always(right),
                                    always("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
                                    always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"),
                                    then_closes(""),
                                    then_closes("rubbish\r\n\r\n"),
                                    always(chunked)};
  const RunReport report = load_on(
      [&](Client& peer) { return answers[next++ % answers.size()](peer); }, 10 * answers.size());
  EXPECT_EQ(report.answered, 20U);
  EXPECT_EQ(
      report.errors,
      (Errors{{"closed_early", 10}, {"malformed", 10}, {"wrong_body", 10}, {"wrong_status", 10}}));
  EXPECT_EQ(report.examples.at("wrong_status"), "404");
}

}  // namespace
}  // namespace contend::load
