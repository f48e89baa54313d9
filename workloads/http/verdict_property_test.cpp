// Whatever responses a client has had on a connection, the next one is judged as if it were the
// first: the parser keeps nothing of the one before, and what is passed by unread, because a right
// response was equal to it, would be judged the same. For responses put together at random from
// parts that matter, good and bad. No sockets.
#include <gtest/gtest.h>

#include "workloads/http/client.hpp"
#include "workloads/http/http_testing.hpp"

namespace contend {
namespace {

using http_testing::random_cuts;
using http_testing::Said;
using http_testing::Verdicts;
using Then = Step::Then;

constexpr auto verdicts_time_limit = std::chrono::seconds(10);

const std::string right_answer =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";

/// Responses that leave the connection open, so that another one may follow.
const std::string kept[] = {
    right_answer,
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\nHello, world!\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd;a=b\r\nHello, world!\r\n0\r\n"
    "Connection: close\r\nContent-Length: 7\r\nTransfer-Encoding: x\r\nUpgrade: y\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nContent-Length: 13\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 13\r\nConnection: keep-alive\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nno",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 13\r\n\r\nHello, world!",
    // Its body is a right answer, which must not be taken for one.
    "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(right_answer.size()) + "\r\n\r\n" +
        right_answer,
    "HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n" + right_answer,
    "HTTP/1.0 103 Early\r\nConnection: close\r\nUpgrade: x\r\n\r\n" + right_answer,
};

constexpr std::string_view status_lines[] = {
    "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200\r\n",
    "HTTP/1.0 200 OK\r\n", "HTTP/1.1 204 X\r\n",  "HTTP/1.1 304 X\r\n",
    "HTTP/1.1 500 X\r\n",  "HTTP/1.1 101 X\r\n",  "HTTP/1.1 100 X\r\n\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 20\r\n",
};
constexpr std::string_view fields[] = {
    "Content-Length: 13\r\n",
    "Content-Length: 13\r\n",
    "Content-Length:\t13\t\r\n",
    "Content-Length: 1\r\n",
    "Content-Length: x\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Connection: Upgrade\r\n",
    "Upgrade: x\r\n",
    "Proxy-Connection: close\r\n",
    "X: y\r\n",
    "Content-Type: text/plain\r\n",
};
constexpr std::string_view bodies[] = {
    "Hello, world!",
    "Hello, world!",
    "Hello, World!",
    "d\r\nHello, world!\r\n0\r\n\r\n",
    "0\r\nConnection: close\r\n\r\n",
    "x",
    "",
};

template <typename Texts>
std::string_view one_of(const Texts& texts, std::mt19937_64& random) {
  return texts[random() % std::size(texts)];
}

std::string any_response(std::mt19937_64& random) {
  if (random() % 4 == 0) return std::string(one_of(kept, random));
  std::string text(one_of(status_lines, random));
  for (std::size_t i = random() % 4; i > 0; --i) text += one_of(fields, random);
  text.append("\r\n").append(one_of(bodies, random));
  if (random() % 4 == 0) text[random() % text.size()] = static_cast<char>(random());
  return text;
}

/// What is said of `last`, which comes whole or cut after `earlier` ones on the same connection, of
/// the request that is left without an answer then, and whether the connection is given up at once.
/// `plan` is what clients share, and learn from.
std::pair<Said, Then> judge_last(HttpPlan& plan, const std::string& earlier, std::size_t count,
                                 const std::string& last, std::mt19937_64& random) {
  Verdicts verdicts(count + 2);
  const auto client = make_http_client(plan, 0, verdicts, verdicts);
  const std::string stream = earlier + last;
  std::vector<std::size_t> cuts = random_cuts(stream.size(), random);
  const std::size_t body = stream.find("\r\n\r\n", earlier.size());
  if (random() % 2 == 0) cuts = {earlier.size()};
  if (random() % 2 == 0 && body != stream.npos) cuts = {earlier.size(), body + 4};
  cuts.push_back(stream.size());
  Step step = client->on_open();
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    if (end == begin || step.then != Then::await_bytes) continue;
    step = client->on_bytes(http_testing::bytes_of(stream).subspan(begin, end - begin));
    begin = end;
  }
  const Then then = step.then;
  if (then == Then::await_bytes) client->on_failure({Failure::Kind::closed, 0});
  EXPECT_GE(verdicts.said.size(), count + 2);
  return {Said(verdicts.said.begin() + static_cast<std::ptrdiff_t>(count), verdicts.said.end()),
          then};
}

TEST(HttpClient, JudgesAResponseAsIfItWereTheFirst) {
  const auto until = Clock::now() + verdicts_time_limit;
  const auto plan = [](std::size_t count, int status) {
    return HttpPlan({.calls = {{.request = std::string("GET / HTTP/1.1\r\n\r\n"),
                                .text = "Hello, world!",
                                .status = status}},
                     .pipeline = static_cast<std::uint32_t>(count + 2),
                     .reply_within = std::chrono::hours(1)});
  };
  std::size_t good = 0, bad = 0, seed = 0;
  for (; seed < 20'000 && Clock::now() < until; ++seed) {
    std::mt19937_64 random(seed);
    const int status = random() % 2 == 0 ? 200 : 0;
    const std::string last = any_response(random);
    std::string earlier;
    const std::size_t count = 1 + random() % 3;
    for (std::size_t i = 0; i < count; ++i) earlier += one_of(kept, random);
    HttpPlan fresh = plan(0, status), known = plan(count, status);
    const auto alone = judge_last(fresh, "", 0, last, random);
    ASSERT_EQ(judge_last(known, earlier, count, last, random), alone)
        << "seed " << seed << ": " << last;
    // Now the plan has learned, perhaps from `last` itself.
    ASSERT_EQ(judge_last(known, earlier, count, last, random), alone)
        << "seed " << seed << ": " << last;
    (alone.first.front() == "good" ? good : bad) += 1;
  }
  EXPECT_GT(good * 10, seed) << "the responses are too bad to tell";
  EXPECT_GT(bad * 10, seed) << "the responses are too good to tell";
}

}  // namespace
}  // namespace contend
