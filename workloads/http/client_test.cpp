// The http client's steps: batches, connections, time-outs and failures; and that the clients of
// http, fetch and mixed agree with the server. No sockets.
#include <gtest/gtest.h>

#include "workloads/backoff.hpp"
#include "workloads/http/client.hpp"
#include "workloads/http/http_testing.hpp"
#include "workloads/request_log.hpp"

namespace contend {
namespace {

using http_testing::bytes_of;
using http_testing::make_client;
using http_testing::repeat;
using http_testing::Said;
using http_testing::Settings;
using http_testing::text_of;
using http_testing::Verdicts;
using Then = Step::Then;

const std::string hello =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";
const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(HttpClient, SeesWhatNobodyAskedFor) {
  Verdicts verdicts(3);
  const auto client = make_client("http", {}, verdicts);
  client->on_open();
  const Step step = client->on_bytes(bytes_of(hello + "x"));
  EXPECT_EQ(step.then, Then::reconnect);
  EXPECT_EQ(verdicts.said, (Said{"good", "malformed"}));
}

TEST(HttpClient, SendsABatchAtOnceAndClosesWhenTold) {
  Verdicts verdicts(7);
  const auto client = make_client("http", {{"pipeline", 3}, {"timeout_ms", 700}}, verdicts);
  Step step = client->on_open();
  for (int batch = 0; batch < 3; ++batch) {
    EXPECT_EQ(text_of(step), repeat(get, 3));
    EXPECT_EQ(step.reply_within, std::chrono::milliseconds(700));
    step = client->on_bytes(bytes_of(hello + hello));
    EXPECT_TRUE(step.send.empty()) << "the batch was not kept whole";
    step = client->on_bytes(bytes_of(hello));
  }
  EXPECT_EQ(step.then, Then::close);
  EXPECT_EQ(verdicts.said, Said(9, "good"));
}

TEST(HttpClient, ClosesAtOnceWhereNothingIsToBeAsked) {
  Verdicts verdicts(0);
  EXPECT_EQ(make_client("http", {}, verdicts)->on_open().then, Then::close);
}

TEST(HttpClient, GivesAnswersNoMoreTimeForComingInPieces) {
  Verdicts verdicts(2);
  const auto client = make_client("http", {{"timeout_ms", 20}}, verdicts);
  client->on_open();
  std::size_t at = 0;
  Step step;
  const TimePoint began = Clock::now();
  while (step.then == Then::await_bytes) {
    step = client->on_bytes(bytes_of(at == 0 ? "HTTP/1.1 200 OK\r\nX: " : "x"));
    ++at;
    if (step.then == Then::await_bytes) {
      EXPECT_LE(step.reply_within, std::chrono::milliseconds(20));
    }
    ASSERT_LT(Clock::now() - began, std::chrono::seconds(10));
  }
  EXPECT_GE(Clock::now() - began, std::chrono::milliseconds(20));
  EXPECT_EQ(verdicts.said, Said{"timed_out"});
}

TEST(HttpClient, HoldsARequestUntilItIsDueAndGivesItsAnswerTheWholeTime) {
  Verdicts verdicts(7);
  const auto client = make_client("http", {{"pipeline", 2}, {"timeout_ms", 700}}, verdicts);
  verdicts.due = Clock::now() + std::chrono::hours(1);
  Step step = client->on_open();
  EXPECT_EQ(step.not_before, verdicts.due);
  EXPECT_EQ(step.then, Then::more);
  EXPECT_TRUE(step.send.empty());
  EXPECT_EQ(verdicts.taken, 1);
  step = client->on_sent();  // it is due; so is another one, which goes out with it
  EXPECT_EQ(text_of(step), repeat(get, 2));
  EXPECT_EQ(step.reply_within, std::chrono::milliseconds(700));
  EXPECT_EQ(verdicts.taken, 2);
  step = client->on_bytes(bytes_of(hello + hello));
  EXPECT_EQ(step.not_before, verdicts.due);
  EXPECT_EQ(verdicts.said, Said(2, "good"));
}

TEST(HttpClient, CountsAnswersThatComeWhileItSends) {
  Verdicts verdicts(5);
  const auto client = make_client("http", {{"pipeline", 2}, {"timeout_ms", 700}}, verdicts);
  EXPECT_TRUE(client->on_open().early_input);
  Step step = client->on_early_bytes(bytes_of(hello));
  EXPECT_EQ(step.then, Then::await_bytes);
  EXPECT_GT(step.reply_within, std::chrono::milliseconds(0));
  EXPECT_EQ(verdicts.said, Said{"good"});
  step = client->on_bytes(bytes_of(hello));
  EXPECT_EQ(text_of(step), repeat(get, 2)) << "all had been sent";
  // The server does not want the rest of the second.
  step = client->on_early_bytes(
      bytes_of(hello + "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(step.then, Then::reconnect);
  EXPECT_EQ(text_of(client->on_open()), repeat(get, 2));
  EXPECT_EQ(verdicts.said, (Said{"good", "good", "good", "wrong_status"}));
}

TEST(HttpClient, KnowsAnAnswerToARequestThatIsStillHeld) {
  Verdicts verdicts(2);
  const auto client = make_client("http", {}, verdicts);
  verdicts.due = Clock::now() + std::chrono::hours(1);
  EXPECT_TRUE(client->on_open().early_input);
  EXPECT_EQ(client->on_early_bytes(bytes_of(hello)).then, Then::reconnect);
  EXPECT_EQ(verdicts.said, Said{"malformed"});
  EXPECT_EQ(verdicts.given_back, 1);
  EXPECT_EQ(client->on_open().not_before, verdicts.due);
}

/// A server may close an idle connection: what is held is not lost, and any connection may send it.
TEST(HttpClient, GivesBackWhatItHoldsIfAnIdleConnectionEnds) {
  for (const auto kind : {Failure::Kind::closed, Failure::Kind::reset}) {
    Verdicts verdicts(2);
    const auto client = make_client("http", {}, verdicts);
    verdicts.due = Clock::now() + std::chrono::hours(1);
    client->on_open();
    Step step = client->on_failure({.kind = kind});
    EXPECT_EQ(step.then, Then::reconnect);
    EXPECT_EQ(verdicts.given_back, 1);
    EXPECT_EQ(client->on_open().not_before, verdicts.due);
    EXPECT_EQ(verdicts.taken, 2);
    EXPECT_EQ(verdicts.said, Said{});
    // An attempt to connect that fails is one all the same.
    EXPECT_EQ(client->on_failure({.kind = Failure::Kind::refused}).then, Then::reconnect);
    EXPECT_EQ(verdicts.said, Said{"refused"});
    EXPECT_EQ(verdicts.given_back, 2);
  }
}

TEST(HttpClient, ConnectsAnewAfterSoManyRequests) {
  Verdicts verdicts(5);
  const auto client =
      make_client("http", {{"pipeline", 2}, {"requests_per_connection", 3}}, verdicts);
  std::vector<std::size_t> batches;
  int connections = 1;
  Step step = client->on_open();
  while (step.then != Then::close) {
    if (step.then == Then::reconnect) {
      EXPECT_FALSE(step.not_before) << "nothing failed, so there is nothing to wait for";
      ++connections;
      step = client->on_open();
    } else {
      batches.push_back(step.send.size() / get.size());
      step = client->on_bytes(bytes_of(repeat(hello, batches.back())));
    }
  }
  EXPECT_EQ(batches, (std::vector<std::size_t>{2, 1, 2}));
  EXPECT_EQ(connections, 2);
  EXPECT_EQ(verdicts.said, Said(5, "good"));
}

/// What a client makes of answers where any status from 200 to 399 is right, or one that is given.
std::unique_ptr<Session> make_client_of_any_body(int status, Verdicts& verdicts) {
  return make_http_client({.calls = {{.request = get, .any_body = true, .status = status}},
                           .reply_within = std::chrono::seconds(1)},
                          0, verdicts, verdicts);
}

TEST(HttpClient, ExpectsNoBodyOf204And304) {
  Verdicts verdicts(3);
  const auto client = make_client_of_any_body(0, verdicts);
  client->on_open();
  for (const std::string status : {"204", "304"}) {
    const std::string head = "HTTP/1.1 " + status + " X\r\nContent-Length: 5\r\n\r\n";
    EXPECT_EQ(text_of(client->on_bytes(bytes_of(head))), get);
  }
  EXPECT_EQ(verdicts.said, Said(2, "good"));
  const Step step = client->on_bytes(bytes_of("HTTP/1.1 204 X\r\nContent-Length: 1\r\n\r\nx"));
  EXPECT_EQ(step.then, Then::close);
  EXPECT_EQ(verdicts.said, (Said{"good", "good", "good", "malformed"}));
}

TEST(HttpClient, SendsNothingMoreWhereTheProtocolIsSwitched) {
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
  for (const int status : {101, 0}) {
    Verdicts verdicts(2);
    const auto client = make_client_of_any_body(status, verdicts);
    client->on_open();
    const Step step = client->on_bytes(bytes_of(answer));
    EXPECT_EQ(step.then, Then::reconnect);
    EXPECT_TRUE(step.send.empty());
    EXPECT_EQ(verdicts.said, Said{status == 101 ? "good" : "wrong_status"});
    EXPECT_EQ(text_of(client->on_open()), get);
  }
}

TEST(HttpClient, WaitsLongerAfterEachFailureUntilAnAnswerIsGood) {
  Verdicts verdicts(1000);
  const auto client = make_client("http", {}, verdicts);
  const auto wait_after = [&](Failure failure) {
    const TimePoint before = Clock::now();
    const Step step = client->on_failure(failure);
    EXPECT_EQ(step.then, Then::reconnect);
    return *step.not_before - before;
  };
  Duration expected = shortest_backoff;
  for (int i = 0; i < 14; ++i) {
    EXPECT_GE(wait_after({Failure::Kind::refused, ECONNREFUSED}), expected / 2);
    expected = std::min(expected * 2, max_backoff);
  }
  EXPECT_EQ(verdicts.said, Said(14, "refused"));
  client->on_open();
  EXPECT_GE(wait_after({Failure::Kind::reset, ECONNRESET}), max_backoff / 2);
  client->on_open();
  client->on_bytes(bytes_of(hello));
  const TimePoint before = Clock::now();
  const TimePoint until = *client->on_failure({Failure::Kind::other, EIO}).not_before;
  EXPECT_GE(until, before + shortest_backoff / 2);
  EXPECT_LE(until, Clock::now() + shortest_backoff);
  Said said(14, "refused");
  said.insert(said.end(), {"reset", "good", "reset"});
  EXPECT_EQ(verdicts.said, said);
}

TEST(HttpClient, EndsWhereEveryAttemptFails) {
  Verdicts verdicts(4);
  const auto client = make_client("http", {}, verdicts);
  int attempts = 1;
  while (client->on_failure({Failure::Kind::refused, ECONNREFUSED}).then != Then::close) {
    ASSERT_LT(++attempts, 10);
  }
  EXPECT_EQ(attempts, 4);
}

/// Plays a workload's client against its own service; whether all answers were good.
Verdicts converse(std::string_view workload, const Settings& settings, std::size_t requests,
                  std::uint32_t number = 0) {
  Verdicts verdicts(requests);
  const auto client = make_client(workload, settings, verdicts, number);
  http_testing::Conversation server;
  std::size_t read = 0;
  for (Step step = client->on_open(); step.then != Then::close;) {
    EXPECT_EQ(step.then, Then::await_bytes);
    server.receive(text_of(step));
    const std::string answer = server.outcome().sent.substr(read);
    read += answer.size();
    step = client->on_bytes(bytes_of(answer));
  }
  EXPECT_EQ(verdicts.said, Said(verdicts.said.size(), "good"));
  EXPECT_GE(verdicts.said.size(), requests);
  return verdicts;
}

TEST(HttpClient, AgreesWithTheServer) {
  converse("http", {}, 10);
  converse("http", {{"pipeline", 100}}, 1000);
  for (const std::int64_t bytes : {1, 88, 89, 90, 16384, 16385, 1'000'000})
    converse("http", {{"bytes", bytes}, {"pipeline", 2}}, 4);
  converse("fetch", {}, 1);
  converse("fetch", {{"delay_ms", 0}}, 1);
  for (const std::int64_t n : {1, 2, 3, 20})
    converse("mixed", {{"fib_n", n}, {"heavy_percent", 100}}, 2);
}

TEST(Mixed, ChoosesTheDearOnesByClientAndNumberAlone) {
  const Settings settings{{"fib_n", 1}, {"heavy_percent", 10}};
  const auto kinds = converse("mixed", settings, 5000, 1).kinds;
  EXPECT_EQ(converse("mixed", settings, 5000, 1).kinds, kinds);
  EXPECT_NE(converse("mixed", settings, 5000, 2).kinds, kinds);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(kinds, 1)), 500.0, 100.0);
  EXPECT_EQ(std::ranges::count(converse("mixed", {{"heavy_percent", 0}}, 1000).kinds, 1), 0);
}

/// Each answer is compared with what its own request is to get, and reported under its kind.
TEST(HttpClient, ExpectsOfEachRequestOfABatchItsOwnAnswer) {
  Verdicts verdicts(100);
  std::atomic<std::uint64_t> sequence{5};
  const auto client =
      make_http_client({.calls = {{.request = RequestTemplate::parse("GET /{seq}\r\n", {}),
                                   .text = "one",
                                   .weight = 3},
                                  {.request = std::string("HEAD /\r\n\r\n"), .head = true},
                                  {.request = std::string("never"), .weight = 0}},
                        .pipeline = 4,
                        .reply_within = std::chrono::seconds(1),
                        .sequence = &sequence},
                       7, verdicts, verdicts);
  Step step = client->on_open();
  std::uint64_t number = 5;
  std::vector<int> kinds;
  while (step.then == Then::await_bytes) {
    std::string asked = text_of(step), answers;
    for (int i = 0; i < 4; ++i) {
      const std::string numbered = "GET /" + std::to_string(number) + "\r\n\r\n";
      const bool is_head = asked.starts_with("HEAD");
      asked.erase(0, is_head ? 10 : numbered.size());
      answers += "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + std::string(is_head ? "" : "one");
      number += is_head ? 0 : 1;
      kinds.push_back(is_head);
    }
    EXPECT_EQ(asked, "");
    step = client->on_bytes(bytes_of(answers));
  }
  EXPECT_EQ(verdicts.said, Said(100, "good"));
  EXPECT_EQ(verdicts.kinds, kinds);
  EXPECT_EQ(sequence, number);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(kinds, 0)), 75.0, 20.0);
}

/// Whoever is lost with the connection was of some kind, too.
TEST(HttpClient, ReportsWhatIsLostUnderItsKind) {
  Verdicts verdicts(100);
  const auto client =
      make_http_client({.calls = {{.request = std::string("a")}, {.request = std::string("b")}},
                        .pipeline = 8,
                        .reply_within = std::chrono::seconds(1)},
                       1, verdicts, verdicts);
  const std::string asked = text_of(client->on_open());
  EXPECT_EQ(client->on_failure({.kind = Failure::Kind::reset}).then, Then::reconnect);
  std::string lost;
  for (const int kind : verdicts.kinds) lost += kind == 0 ? 'a' : 'b';
  EXPECT_EQ(lost, asked);
  EXPECT_EQ(verdicts.said, Said(8, "reset"));
}

TEST(HttpClient, RefusesWhatCannotBeAsked) {
  Verdicts verdicts(1);
  const HttpCall call{.request = std::string("a")}, never{.request = std::string("a"), .weight = 0};
  const HttpCall numbered{.request = RequestTemplate::parse("{seq}\r\n", {})};
  for (const HttpClientOptions& options :
       {HttpClientOptions{.calls = {}}, HttpClientOptions{.calls = {never}},
        HttpClientOptions{.calls = {call}, .pipeline = 0}, HttpClientOptions{.calls = {numbered}}})
    EXPECT_THROW(make_http_client(options, 0, verdicts, verdicts), std::invalid_argument);
}

TEST(HttpClient, FillsARequestLog) {
  const Workload& http = find_workload("http");
  const Parameters given(http.parameters, {{"requests", 5}, {"pipeline", 2}});
  RequestLog log(3, RequestLog::requests_of(given));
  for (std::uint32_t number = 0; number < 3; ++number) {
    const auto client = http.client(given, number, log, log);
    Step step = client->on_open();
    while (step.then == Then::await_bytes)
      step = client->on_bytes(bytes_of(repeat(hello, step.send.size() / get.size())));
    EXPECT_EQ(step.then, Then::close);
  }
  EXPECT_EQ(log.entries().size(), 15U);
  for (const RequestLog::Entry& entry : log.entries()) EXPECT_TRUE(entry.ok);
}

}  // namespace
}  // namespace contend
