// Runs of load against servers that are not ours, of known behaviour.
#include "harness/load/run.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "engines/test_server.hpp"
#include "harness/load/load_testing.hpp"
#include "harness/load/report.hpp"
#include "harness/load/request/requests_file.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using load_testing::receive_request;
using load_testing::right;
using test::Client;
using test::TestServer;

/// Answers each request with what `answer` returns.
TestServer::Talk answering(std::function<std::string()> answer) {
  return [answer = std::move(answer)](Client& peer) {
    while (receive_request(peer)) peer.send(answer());
  };
}

RunSpec spec_for(const TestServer& server, Duration duration = 200ms) {
  return {.target = Target::parse("http://" + server.address() + "/x"),
          .connections = 4,
          .duration = duration};
}

RunReport run(const RunSpec& spec) {
  return load::run(spec, {}, [](const Progress&) {});
}

std::uint64_t count_of(const RunReport& report, const std::string& kind) {
  const auto found = report.errors.find(kind);
  return found == report.errors.end() ? 0 : found->second;
}

/// Whether there is a time of each answer and, beside them, of none but what waited at the end.
::testing::AssertionResult are_of_all_answers(const Histogram& times, const RunReport& report) {
  const std::uint64_t most = report.answered + report.unanswered + report.unsent;
  if (times.count() >= report.answered && times.count() <= most)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << times.count() << " times of " << report.answered << " answers and up to " << most;
}

TEST(LoadRun, OfAClosedLoopKeepsEveryConnectionBusy) {
  TestServer server(answering([] { return right; }));
  const RunReport report = run(spec_for(server));
  EXPECT_GT(report.answered, 20U);
  EXPECT_TRUE(report.errors.empty());
  EXPECT_LE(report.unanswered, 4U);
  EXPECT_TRUE(are_of_all_answers(report.service_time, report));
  EXPECT_EQ(server.connections(), 4);
  EXPECT_GE(report.duration, 200ms);
  EXPECT_GT(report.client_cpu, 0ns);
}

TEST(LoadRun, OfAnOpenLoopSendsWhatIsDueAndNothingElse) {
  TestServer server(answering([] { return right; }));
  RunSpec spec = spec_for(server, 500ms);
  spec.schedule = Schedule::constant(400, spec.duration);
  const RunReport report = run(spec);
  EXPECT_EQ(report.answered + report.unanswered + report.unsent, 200U);
  EXPECT_GT(report.answered, 100U);
  EXPECT_TRUE(are_of_all_answers(report.response_time, report));
  EXPECT_EQ(report.send_lag.count() + report.queued, report.answered);
}

/// The truth about a stall: whoever would have asked meanwhile has waited, though nobody was asked.
TEST(LoadRun, OfAnOpenLoopCountsTheWaitingOfThoseThatCouldNotBeSent) {
  std::atomic<int> answers{0};
  TestServer server(answering([&] {
    if (++answers == 50) std::this_thread::sleep_for(300ms);
    return right;
  }));
  RunSpec spec = spec_for(server, 1s);
  spec.connections = 1;
  spec.schedule = Schedule::constant(200, spec.duration);
  const RunReport report = run(spec);
  EXPECT_GE(report.response_time.max(), 300ms);
  // Of 200 requests, those of 300 ms waited, 60, half of them more than 150 ms.
  EXPECT_GE(report.response_time.value_at(80), 100ms);
  EXPECT_LE(report.service_time.value_at(80), 100ms) << "only one was sent into the stall";
  EXPECT_GE(report.max_waiting, 55U);
}

TEST(LoadRun, SendsTheRequestThatWasAskedForAndChecksTheAnswer) {
  const std::string request =
      "POST /x HTTP/1.1\r\nHost: there\r\nA: b\r\nContent-Length: 4\r\n\r\nbody";
  TestServer server([&](Client& peer) {
    while (peer.receive(request.size()) == request) peer.send(right);
  });
  RunSpec spec = spec_for(server, 20s);
  spec.requests = 40;
  spec.pipeline = 2;
  spec.calls = {{.method = "POST", .fields = {"Host: there", "A: b"}, .body = "body"}};
  for (const char* body : {"ok", "no"}) {
    spec.calls[0].expected = body;
    const RunReport report = run(spec);
    EXPECT_EQ(report.answered, body == std::string("ok") ? 40U : 0U);
    EXPECT_EQ(count_of(report, "wrong_body"), body == std::string("ok") ? 0U : 40U);
    if (report.answered == 0) {
      EXPECT_NE(report.examples.at("wrong_body").find("HTTP/1.1 200"), std::string::npos);
    }
  }
  spec.calls[0].expected.reset();
  spec.calls[0].status = 201;
  EXPECT_EQ(count_of(run(spec), "wrong_status"), 40U);
}

/// Every shard has its share of the sequence of one process of three, and who is asked for what is
/// told apart.
TEST(LoadRun, AsksWhatAFileSays) {
  std::mutex guard;
  std::multiset<std::string> asked;
  TestServer server([&](Client& peer) {
    while (const auto got = receive_request(peer)) {
      const std::lock_guard lock(guard);
      asked.insert(got->substr(0, got->find(" HTTP")));
      peer.send(got->starts_with("HEAD") ? right.substr(0, right.size() - 2) : right);
    }
  });
  RunSpec spec = spec_for(server, 20s);
  spec.threads = 2;
  spec.pipeline = 3;
  spec.requests = 400;
  spec.calls = parse_requests("3 GET /{seq}\nHEAD /\n");
  spec.part = 1;
  spec.parts = 3;
  const RunReport report = run(spec);
  EXPECT_EQ(report.answered, 400U);
  EXPECT_TRUE(report.errors.empty()) << text(spec, report);
  const std::lock_guard lock(guard);
  const std::size_t heads = asked.count("HEAD /");
  EXPECT_EQ(asked.size(), 400U);
  EXPECT_NEAR(static_cast<double>(heads), 100.0, 50.0);
  for (std::size_t number = 0; number < 400 - heads; ++number)
    EXPECT_EQ(asked.count("GET /" + std::to_string(1 + 3 * number)), 1U);
}

TEST(LoadRun, AwaitsNoBodyOfAnAnswerToHead) {
  TestServer server(answering([] { return right.substr(0, right.size() - 2); }));
  RunSpec spec = spec_for(server, 20s);
  spec.requests = 20;
  spec.calls[0].method = "HEAD";
  const RunReport report = run(spec);
  EXPECT_EQ(report.answered, 20U);
  EXPECT_TRUE(report.errors.empty()) << text(spec, report);
}

TEST(LoadRun, EndsAfterSoManyRequests) {
  TestServer server(answering([] { return right; }));
  for (const std::uint32_t pipeline : {1U, 8U}) {
    RunSpec spec = spec_for(server, 20s);
    spec.requests = 30;
    spec.pipeline = pipeline;
    const RunReport report = run(spec);
    EXPECT_EQ(report.answered, 30U);
    EXPECT_LT(report.duration, 10s);
  }
}

TEST(LoadRun, ConnectsAnewAfterSoManyRequests) {
  TestServer server(answering([] { return right; }));
  RunSpec spec = spec_for(server, 20s);
  spec.connections = 1;
  spec.requests = 10;
  spec.requests_per_connection = 2;
  EXPECT_EQ(run(spec).answered, 10U);
  EXPECT_GE(server.connections(), 5);
}

TEST(LoadRun, CountsEachKindOfWrongAnswerApart) {
  const auto only = [](std::string answer, const std::string& kind, const std::string& example) {
    TestServer server([answer](Client& peer) {
      if (receive_request(peer)) peer.send(answer);
    });
    RunSpec spec = spec_for(server, 20s);
    spec.requests = 8;
    const RunReport report = run(spec);
    EXPECT_EQ(report.answered, 0U) << kind;
    EXPECT_GT(count_of(report, kind), 0U) << kind;
    EXPECT_EQ(report.errors.size(), 1U) << text(spec, report);
    EXPECT_EQ(report.service_time.count(), 0U) << "a wrong answer has no latency";
    const auto found = report.examples.find(kind);
    EXPECT_EQ(found == report.examples.end() ? "" : found->second, example);
  };
  only("HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "wrong_status", "503");
  only("rubbish\r\n\r\n", "malformed", R"("rubbish\r\n\r\n")");
  only("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "closed_early", "");
  only("", "closed_early", "");
}

TEST(LoadRun, GivesUpWhatIsNeverAnswered) {
  TestServer server([](Client& peer) { peer.receive_all(); });
  RunSpec spec = spec_for(server, 300ms);
  spec.timeout = 50ms;
  const RunReport report = run(spec);
  EXPECT_GE(count_of(report, "timed_out"), 4U);
  EXPECT_EQ(report.answered, 0U);
}

TEST(LoadRun, SaysThatNobodyIsThere) {
  const Fd nobody = test::bound_socket();
  RunSpec spec{.target = Target::parse("http://127.0.0.1:" + std::to_string(port_of(nobody))),
               .connections = 2,
               .duration = 50ms};
  const RunReport report = run(spec);
  EXPECT_GE(count_of(report, "refused"), 2U);
  EXPECT_EQ(report.examples.at("refused"), "Connection refused");
  EXPECT_EQ(report.errors.size(), 1U);
}

TEST(LoadRun, GivesUpConnectingToWhoNeverAnswers) {
  const test::DeafListener deaf;
  RunSpec spec{.target = Target::parse("http://" + deaf.endpoint().text()),
               .connections = 2,
               .duration = 300ms,
               .timeout = 20ms};
  const RunReport report = run(spec);
  EXPECT_GE(count_of(report, "refused"), 4U);
  EXPECT_EQ(report.examples.at("refused"), "Connection timed out");
  spec.timeout = 1h;
  EXPECT_LT(run(spec).duration, 20s);
}

TEST(LoadRun, SpeaksEcho) {
  TestServer server([](Client& peer) {
    for (std::string got = peer.receive(1000); !got.empty(); got = peer.receive(1000))
      peer.send(got);
  });
  RunSpec spec = spec_for(server);
  spec.target = Target::parse("tcp://" + server.address());
  spec.size_bytes = 1000;
  spec.pipeline = 4;
  const RunReport report = run(spec);
  EXPECT_GT(report.answered, 20U);
  EXPECT_TRUE(report.errors.empty()) << text(spec, report);
}

TEST(LoadRun, SharesTheConnectionsAndTheScheduleAmongThreads) {
  TestServer server(answering([] { return right; }));
  RunSpec spec = spec_for(server, 500ms);
  spec.connections = 5;
  spec.threads = 2;
  spec.schedule = Schedule::constant(400, spec.duration);
  const RunReport report = run(spec);
  EXPECT_EQ(report.answered + report.unanswered + report.unsent, 200U) << text(spec, report);
  EXPECT_TRUE(are_of_all_answers(report.response_time, report));
  EXPECT_EQ(server.connections(), 5);
  EXPECT_GT(report.all_connected.value(), 0ns);
  spec.schedule.reset();
  spec.requests = 101;
  spec.duration = 20s;
  EXPECT_EQ(run(spec).answered, 101U);
  spec.threads = 6;
  EXPECT_TRUE(testing::complains([&] { run(spec); }, "6 threads can't share 5 connections"));
}

TEST(LoadRun, TellsWhatHappenedInEachSecond) {
  TestServer server(answering([] { return right; }));
  RunSpec spec = spec_for(server, 1100ms);
  spec.schedule = Schedule::constant(200, spec.duration);
  std::uint64_t seen = 0;
  const RunReport report = load::run(spec, {}, [&](const Progress& progress) {
    seen = progress.total.answered;
    EXPECT_EQ(progress.row.counts.answered, seen);
    EXPECT_GE(progress.row.max, progress.row.p50);
  });
  ASSERT_EQ(report.seconds.size(), 2U);
  EXPECT_EQ(report.seconds[0].counts.answered, seen);
  EXPECT_EQ(seen + report.seconds[1].counts.answered, report.answered);
  EXPECT_GE(report.seconds[0].end, 1s);
  EXPECT_LT(report.seconds[0].end, report.seconds[1].end);
  EXPECT_GT(report.seconds[0].client_cpu, 0ns);
}

/// The first answers are wrong, and nobody sees it.
TEST(LoadRun, DiscardsItsBeginning) {
  for (const bool is_open : {false, true}) {
    std::atomic<int> answers{0};
    TestServer server(answering(
        [&] { return ++answers <= 20 ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" : right; }));
    RunSpec spec = spec_for(server, 500ms);
    spec.warm_up = 2s;
    if (is_open) spec.schedule = Schedule::constant(400, spec.warm_up + spec.duration);
    const RunReport report = run(spec);
    EXPECT_TRUE(report.errors.empty()) << text(spec, report);
    EXPECT_EQ(report.failed_requests, 0U);
    EXPECT_TRUE(are_of_all_answers(report.service_time, report));
    EXPECT_LT(report.answered, static_cast<std::uint64_t>(answers));
    EXPECT_LT(report.duration, 2s) << "and a test machine may be slow";
    std::uint64_t answered = 0, offered = 0;
    for (const Row& row : report.seconds) {
      answered += row.counts.answered;
      offered += row.offered;
    }
    EXPECT_EQ(answered, report.answered);
    if (is_open) {
      EXPECT_EQ(offered, 200U);
    }
    EXPECT_LT(report.client_cpu, 2s);
  }
}

TEST(LoadRun, TellsFailedRequestsFromFailedConnections) {
  TestServer server([](Client& peer) { receive_request(peer); });
  RunSpec spec = spec_for(server, 20s);
  spec.requests = 8;
  EXPECT_EQ(run(spec).failed_requests, 8U);
  const Fd nobody = test::bound_socket();
  spec.target = Target::parse("http://127.0.0.1:" + std::to_string(port_of(nobody)));
  spec.duration = 50ms;
  EXPECT_EQ(run(spec).failed_requests, 0U);
}

/// What has waited for 50 ms, and no connection was ever free for, however long an answer may take.
TEST(LoadRun, TellsWhatIsOverdueFromWhatIsDue) {
  TestServer server([](Client& peer) { peer.receive_all(); });
  RunSpec spec = spec_for(server, 400ms);
  spec.connections = 1;
  spec.schedule = Schedule::constant(1000, spec.duration);
  const RunReport report = run(spec);
  EXPECT_GE(report.overdue, 340U);
  EXPECT_LT(report.overdue, report.unsent);
}

/// A server that dies and comes back at the same port.
TEST(LoadRun, TellsHowLongAServerWasAway) {
  std::atomic<int> answers{0};
  TestServer server([&](Client& peer) {
    // From the 40th answer on it is as good as dead for 200 ms: it closes without an answer.
    static std::atomic<Clock::rep> dead_until{0};
    while (receive_request(peer)) {
      const auto now = Clock::now().time_since_epoch();
      if (++answers == 40) dead_until = (now + 200ms).count();
      if (now.count() < dead_until) return;
      peer.send(right);
    }
  });
  const RunReport report = run(spec_for(server, 1s));
  ASSERT_EQ(report.gaps.size(), 1U);
  EXPECT_GE(report.gaps[0].length, 190ms);
  EXPECT_LT(report.gaps[0].length, 900ms);
  EXPECT_GT(count_of(report, "closed_early"), 0U);
}

TEST(LoadRun, EndsAtOnceWhenItIsInterrupted) {
  TestServer server(answering([] { return right; }));
  StopSource stop;
  stop.request();
  const RunReport report = load::run(spec_for(server, 20s), stop.token(), [](const Progress&) {});
  EXPECT_LT(report.duration, 10s);
}

TEST(LoadRun, GoesNowhereElse) {
  RunSpec spec{.target = Target::parse("http://192.0.2.1:80/"), .duration = 1s};
  EXPECT_TRUE(testing::complains([&] { run(spec); }, "not on this machine"));
  spec.allowed_remote = "192.0.2.2";
  EXPECT_TRUE(testing::complains([&] { run(spec); }, "goes to '192.0.2.1'"));
}

}  // namespace
}  // namespace contend::load
