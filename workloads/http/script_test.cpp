// The http client against scripted responses, right and wrong, cut anywhere: what it reports, and
// so that passing by responses that it knows tells it no less than parsing them. No sockets.
#include <gtest/gtest.h>

#include "workloads/http/http.hpp"
#include "workloads/http/http_testing.hpp"

namespace contend {
namespace {

using http_testing::bytes_of;
using http_testing::make_client;
using http_testing::random_cuts;
using http_testing::repeat;
using http_testing::Said;
using http_testing::Settings;
using http_testing::text_of;
using http_testing::Verdicts;
using Then = Step::Then;

const std::string hello =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";

Said times(std::size_t count, const char* what) {
  return Said(count, what);
}
Said operator+(Said one, const Said& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

enum class After { silence, close };

/// Hands the server's `stream` of one connection over, cut, to a client that asks 6 times, 3 at
/// once, as long as it does not give the connection up; then the server is silent or closes.
Said verdicts_of(const Settings& settings, std::string_view stream,
                 const std::vector<std::size_t>& cuts, After after) {
  Verdicts verdicts(6);
  const auto client = make_client("http", settings, verdicts);
  Step step = client->on_open();
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t end = i < cuts.size() ? cuts[i] : stream.size();
    if (end == begin || step.then != Then::await_bytes) continue;
    const std::vector<char> piece(stream.begin() + static_cast<std::ptrdiff_t>(begin),
                                  stream.begin() + static_cast<std::ptrdiff_t>(end));
    step = client->on_bytes(std::as_bytes(std::span(piece)));
    begin = end;
  }
  if (step.then == Then::await_bytes) {
    step = after == After::silence ? client->on_timeout()
                                   : client->on_failure({Failure::Kind::closed, 0});
  }
  EXPECT_TRUE(step.then == Then::reconnect || step.then == Then::close);
  return verdicts.said;
}

struct Script {
  const char* name;
  std::string stream;  // what the server says on the first connection
  Said said;
  After after = After::silence;
  Settings settings{{"pipeline", 3}};
};

std::vector<Script> scripts() {
  const auto good = [](std::size_t count) { return times(count, "good"); };
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nHello\r\n8\r\n, world!\r\n0\r\n"
      "A: b\r\n\r\n";
  const std::string until_close = "HTTP/1.1 200 OK\r\n\r\nHello, world!";
  const std::string closing =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\nHello, world!";
  const std::string unavailable = "HTTP/1.1 503 X\r\nContent-Length: 2\r\n\r\nno";
  const std::string other_text = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!";
  const std::string shorter = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello, world";
  const std::string longer = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nHello, world!!";
  const std::string interim =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n";
  const Settings bytes{{"bytes", 200}, {"pipeline", 3}};
  const std::string pattern(http_pattern(0, 200));
  const std::string some = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + pattern;
  std::string some_wrong = some;
  some_wrong[some.size() - 90] ^= 1;
  std::string garbled = hello;
  garbled[3] = 'X';
  return {
      {"all good", repeat(hello, 6), good(6)},
      {"chunks", repeat(chunked, 6), good(6)},
      {"of several forms", hello + chunked + hello + chunked + chunked + hello, good(6)},
      {"interim responses", repeat(interim + hello, 6), good(6)},
      {"bytes", repeat(some, 6), good(6), After::silence, bytes},
      {"wrong status",
       hello + unavailable + hello,
       {"good", "wrong_status", "good", "timed_out", "timed_out", "timed_out"}},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n" + repeat(hello, 5),
       times(1, "wrong_status") + good(5)},
      {"other text", hello + other_text + repeat(hello, 4),
       good(1) + times(1, "wrong_body") + good(4)},
      {"shorter text", shorter + repeat(hello, 5), times(1, "wrong_body") + good(5)},
      {"longer text", longer + repeat(hello, 5), times(1, "wrong_body") + good(5)},
      {"no text", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + repeat(hello, 5),
       times(1, "wrong_body") + good(5)},
      {"wrong bytes",
       some + some_wrong + some,
       {"good", "wrong_body", "good", "timed_out", "timed_out", "timed_out"},
       After::silence,
       bytes},
      {"bytes of another", repeat(hello, 3), times(3, "wrong_body") + times(3, "timed_out"),
       After::silence, bytes},
      {"nothing", "", times(3, "timed_out")},
      {"nothing, closed", "", times(3, "closed_early"), After::close},
      {"half", hello + hello.substr(0, 70), good(1) + times(2, "timed_out")},
      {"half, closed", hello + hello.substr(0, 70), good(1) + times(2, "closed_early"),
       After::close},
      {"half a body until the end",
       "HTTP/1.1 200 OK\r\n\r\nHello",
       {"wrong_body", "closed_early", "closed_early"},
       After::close},
      {"body until the end", until_close, {"good", "closed_early", "closed_early"}, After::close},
      {"third body until the end", hello + hello + until_close, good(3), After::close},
      {"interim, then closed", interim, times(3, "closed_early"), After::close},
      {"closing, all answered", hello + hello + closing, good(3)},
      {"closing, two unanswered", closing, {"good", "closed_early", "closed_early"}},
      {"closing, and going on", closing + hello + hello, {"good", "closed_early", "closed_early"}},
      {"HTTP/1.0",
       "HTTP/1.0 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!",
       {"good", "closed_early", "closed_early"}},
      {"garbled", hello + garbled + hello, good(1) + times(2, "malformed")},
      {"no HTTP", "220 mail.example ESMTP\r\n", times(3, "malformed")},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Length: 14\r\n\r\n",
       times(3, "malformed")},
      {"length and chunks",
       "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n",
       times(3, "malformed")},
      {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz",
       times(3, "malformed")},
      {"absurd length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
       times(3, "malformed")},
  };
}

/// Where a response ends, and whether another one may follow it.
std::vector<Script> framing_scripts() {
  const std::string text = "\r\n\r\nHello, world!", length = "\r\nContent-Length: 13";
  const Said all_good = times(6, "good"), bad = times(3, "malformed");
  const Said skipped = times(1, "wrong_status") + times(5, "good");
  const Said closed = {"good", "closed_early", "closed_early"};
  const Said switched = {"wrong_status", "closed_early", "closed_early"};
  const auto before_hello = [](const std::string& first) { return first + repeat(hello, 5); };
  const auto chunked = [](const std::string& field, const std::string& trailers) {
    return repeat("HTTP/1.1 200 OK\r\nTransfer-Encoding:" + field + "\r\n\r\nd\r\n" +
                      "Hello, world!\r\n0\r\n" + trailers + "\r\n",
                  6);
  };
  std::vector<Script> all{
      {"204 with a length", before_hello("HTTP/1.1 204 No Content" + length + "\r\n\r\n"), skipped},
      {"204 with chunks",
       before_hello("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"), skipped},
      {"204 with a body", "HTTP/1.1 204 No Content" + length + text + hello,
       times(1, "wrong_status") + times(2, "malformed")},
      {"204 with a body of an empty line",
       "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n\r\n" + hello,
       times(1, "wrong_status") + times(2, "malformed")},
      {"304 with a length", before_hello("HTTP/1.1 304 Not Modified" + length + "\r\n\r\n"),
       skipped},
      {"interim with a length", repeat("HTTP/1.1 103 X" + length + "\r\n\r\n" + hello, 6),
       all_good},
      {"interim that closes",
       repeat("HTTP/1.1 100 X\r\nConnection: close\r\n\r\nHTTP/1.0 102 X\r\n\r\n" + hello, 6),
       all_good},
      {"other protocol",
       "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nxyz",
       switched},
      {"other protocol without a name", "HTTP/1.1 101 Switching Protocols\r\n\r\n" + hello,
       switched},
      {"empty line before", "\r\n" + hello, bad},
      {"empty line between", hello + "\r\n" + hello, times(1, "good") + times(2, "malformed")},
      {"HTTP/1.0, kept",
       repeat("HTTP/1.0 200 OK\r\nConnection: x,\tKeep-Alive\t, y" + length + text, 6), all_good},
      {"HTTP/1.0, kept and closed",
       "HTTP/1.0 200 OK\r\nConnection: keep-alive, close" + length + text, closed},
      {"closed, with tabs around", "HTTP/1.1 200 OK\r\nConnection: x,\tclose\t" + length + text,
       closed},
      {"the proxy's connection",
       repeat("HTTP/1.1 200 OK\r\nProxy-Connection: close" + length + text, 6), all_good},
      {"the proxy's connection, kept",
       "HTTP/1.0 200 OK\r\nproxy-connection: keep-alive" + length + text, closed},
      {"tabs around a length",
       repeat("HTTP/1.1 200 OK\r\nA:\tb\tc\r\nContent-Length:\t13 \t" + text, 6), all_good},
      {"tab in a length", "HTTP/1.1 200 OK\r\nContent-Length: 1\t3" + text, bad},
      {"tabs around a coding", chunked("\tchunked\t", ""), all_good},
      {"trailers of no matter",
       chunked(" chunked", "Connection: close\r\nTransfer-Encoding: gzip\r\nContent-Length: x\r\n"),
       all_good},
  };
  for (const char* line : {"1.1 20", "1.1 2", "1.1 0200", "1.1 2000", "1.1  200", "1.1 2x0", "1.1 ",
                           "1.1", "2.0 200", "0.9 200", "1.10 200"})
    all.push_back({line, "HTTP/" + (line + length) + text, bad});
  for (const char* status : {"000", "600", "999"})
    all.push_back({status, before_hello("HTTP/1.1 " + (status + length) + text), skipped});
  return all;
}

TEST(HttpClient, JudgesResponsesWhateverTheCuts) {
  std::mt19937_64 random(3);
  std::vector<Script> all = scripts();
  for (Script& script : framing_scripts()) all.push_back(std::move(script));
  for (const Script& script : all) {
    const auto verdicts = [&](const std::vector<std::size_t>& cuts) {
      return verdicts_of(script.settings, script.stream, cuts, script.after);
    };
    // In a piece that holds two batches' answers, the second ones come before they are asked for.
    std::vector<std::size_t> batch_end;
    const std::size_t length = script.stream.size();
    std::vector<std::size_t> everywhere;
    for (std::size_t i = 1; i < length; ++i) everywhere.push_back(i);
    EXPECT_EQ(verdicts(everywhere), script.said) << script.name << ", byte by byte";
    if (script.said.size() > 3) {
      // The answers to the first batch end where the client has said three things.
      Verdicts counted(6);
      const auto client = make_client("http", script.settings, counted);
      client->on_open();
      std::size_t end = 0;
      while (counted.said.size() < 3)
        client->on_bytes(bytes_of(std::string_view(script.stream).substr(end++, 1)));
      batch_end.push_back(end);
    }
    EXPECT_EQ(verdicts(batch_end), script.said) << script.name << ", whole";
    for (int i = 0; i < 300; ++i) {
      std::vector<std::size_t> cuts = random_cuts(length, random);
      cuts.insert(cuts.end(), batch_end.begin(), batch_end.end());
      std::ranges::sort(cuts);
      EXPECT_EQ(verdicts(cuts), script.said) << script.name << ", cut";
    }
  }
}

/// After a good response a client knows it, and passes by those that are equal; byte by byte, it
/// never has a whole one to pass by.
TEST(HttpClient, SeesAnyDifferenceFromAResponseThatItKnows) {
  const Settings settings{{"pipeline", 3}};
  for (std::size_t at = 0; at < hello.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string other = hello;
      other[at] = static_cast<char>(byte);
      const std::string stream = hello + other + hello;
      std::vector<std::size_t> everywhere;
      for (std::size_t i = 1; i < stream.size(); ++i) everywhere.push_back(i);
      Said whole = verdicts_of(settings, stream, {}, After::silence);
      Said parsed = verdicts_of(settings, stream, everywhere, After::silence);
      ASSERT_GE(whole.size(), 3U);
      whole.resize(3);
      parsed.resize(3);
      ASSERT_EQ(whole, parsed) << "byte " << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace contend
