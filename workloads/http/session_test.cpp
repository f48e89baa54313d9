// The http server's steps: when it sends, how much, what it keeps, and where its limits are.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "workloads/http/http.hpp"
#include "workloads/http/http_testing.hpp"

namespace contend {
namespace {

using http_testing::bytes_of;
using http_testing::Outcome;
using http_testing::play;
using http_testing::repeat;
using http_testing::text_of;
using Then = Step::Then;

std::string get(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path);
}
std::unique_ptr<Session> open() {
  auto session = HttpService().open();
  EXPECT_EQ(session->on_open().then, Then::await_bytes);
  return session;
}
const std::string hello =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";

TEST(HttpSession, HoldsNothingForTheText) {
  const auto one = open(), other = open();
  const Step step = one->on_bytes(bytes_of(get("/")));
  EXPECT_EQ(text_of(step), hello);
  EXPECT_EQ(other->on_bytes(bytes_of(get("/"))).send.data(), step.send.data()) << "not static";
  const Step many = one->on_bytes(bytes_of(repeat(get("/"), 64)));
  EXPECT_EQ(many.send.data(), step.send.data());
  EXPECT_EQ(text_of(many), repeat(hello, 64));
}

TEST(HttpSession, AnswersAnyNumberOfPipelinedRequestsInOneSend) {
  for (const std::size_t count : {1, 2, 63, 64, 65, 200}) {
    const auto session = open();
    const Step step = session->on_bytes(bytes_of(repeat(get("/"), count)));
    EXPECT_EQ(text_of(step), repeat(hello, count)) << count;
  }
}

TEST(HttpSession, UsesItsBufferAgain) {
  const auto session = open();
  const std::string batch = repeat(get("/fib/10"), 16);
  const std::byte* const first = session->on_bytes(bytes_of(batch)).send.data();
  for (int i = 0; i < 10; ++i) {
    const Step step = session->on_bytes(bytes_of(batch));
    EXPECT_EQ(step.send.data(), first);
    EXPECT_EQ(step.then, Then::await_bytes);
  }
}

TEST(HttpSession, HoldsADelayedAnswerBackAndNoneBeforeIt) {
  const auto session = open();
  const std::string requests = get("/") + get("/delay/50") + get("/delay/20") + get("/fib/3");
  const TimePoint began = Clock::now();
  Step step = session->on_bytes(bytes_of(requests));
  EXPECT_EQ(text_of(step), hello);
  EXPECT_FALSE(step.not_before);
  ASSERT_EQ(step.then, Then::more);
  step = session->on_sent();
  EXPECT_EQ(text_of(step), hello);
  ASSERT_TRUE(step.not_before);
  EXPECT_GE(*step.not_before, began + std::chrono::milliseconds(50));
  EXPECT_LE(*step.not_before, Clock::now() + std::chrono::milliseconds(50));
  ASSERT_EQ(step.then, Then::more);
  step = session->on_sent();
  EXPECT_EQ(text_of(step), hello);
  ASSERT_TRUE(step.not_before);
  EXPECT_GE(*step.not_before, began + std::chrono::milliseconds(20));
  ASSERT_EQ(step.then, Then::more);
  step = session->on_sent();
  EXPECT_FALSE(step.not_before);
  EXPECT_TRUE(text_of(step).ends_with("\r\n\r\n1"));
  EXPECT_EQ(step.then, Then::await_bytes);
}

TEST(HttpSession, DelaysInOneStepWhereNothingElseIsThere) {
  const auto session = open();
  const Step step = session->on_bytes(bytes_of(get("/delay/5")));
  EXPECT_EQ(text_of(step), hello);
  EXPECT_TRUE(step.not_before);
  EXPECT_EQ(step.then, Then::await_bytes);
}

TEST(HttpSession, ContinuesBeforeTheBodyComes) {
  const auto session = open();
  EXPECT_EQ(text_of(session->on_bytes(bytes_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                                               "Expect: 100-continue\r\n\r\n"))),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(text_of(session->on_bytes(bytes_of("a"))), "");
  EXPECT_TRUE(text_of(session->on_bytes(bytes_of("b"))).ends_with("\r\n\r\n2"));
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + i % 89);
  return text;
}

TEST(HttpPattern, IsWhatItsDescriptionSays) {
  const std::string all = pattern(1'000'000);
  for (const std::size_t offset : {0, 1, 88, 89, 90, 65503, 65504, 500'000}) {
    for (const std::size_t size : {1, 89, 65504, 100'000}) {
      const std::string_view block = http_pattern(offset, size);
      ASSERT_FALSE(block.empty());
      ASSERT_LE(block.size(), size);
      EXPECT_EQ(block, all.substr(offset, block.size()));
    }
  }
  EXPECT_TRUE(http_pattern(0, 0).empty());
}

TEST(HttpSession, SendsBodiesOfAnySize) {
  for (const std::size_t size : {1, 100, 16384, 16385, 65504, 65505, 1'000'000, 10'000'000}) {
    const Outcome outcome = play(get("/bytes/" + std::to_string(size)) + get("/"));
    const std::string head = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Type: text/plain\r\n\r\n", size);
    EXPECT_TRUE(outcome.sent == head + pattern(size) + hello) << size;
    EXPECT_LE(outcome.max_send, http_output_limit + http_inline_body_limit) << size;
    if (size <= http_inline_body_limit) {
      EXPECT_EQ(outcome.sends, 1U) << size;
    }
  }
}

TEST(HttpSession, BoundsWhatItHolds) {
  const Outcome outcome = play(repeat(get("/bytes/16384"), 500));
  const std::string one =
      "HTTP/1.1 200 OK\r\nContent-Length: 16384\r\nContent-Type: text/plain\r\n\r\n" +
      pattern(16384);
  EXPECT_TRUE(outcome.sent == repeat(one, 500));
  EXPECT_LE(outcome.max_send, http_output_limit + one.size());
}

TEST(HttpSession, ClosesAfterTheLastBlock) {
  const auto session = open();
  Step step = session->on_bytes(
      bytes_of("GET /bytes/100000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  std::size_t sent = 0;
  for (; step.then == Then::more; step = session->on_sent()) sent += step.send.size();
  sent += step.send.size();
  EXPECT_EQ(step.then, Then::close);
  EXPECT_GT(sent, 100'000U);
}

TEST(HttpSession, ClosesWhenThePeerDoes) {
  const auto session = open();
  session->on_bytes(bytes_of("GET /"));
  EXPECT_EQ(session->on_failure({Failure::Kind::closed}).then, Then::close);
}

/// What comes, as the limits have it, and the status that it gets.
struct Limit {
  std::string name, request;
  int status;
};

std::vector<Limit> limits() {
  const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
  const auto with_line_of = [&](std::size_t size) {  // counted up to the version
    const std::string around = "GET /? HTTP/1.1";
    return "GET /?" + std::string(size - around.size(), 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  const auto with_head_of = [&](std::size_t size) {
    return line + "X:" + std::string(size - line.size() - 6, 'a') + "\r\n\r\n";
  };
  const auto with_body_of = [](std::size_t size) {
    return fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", size,
                       std::string(size, 'a'));
  };
  const auto chunked = [](std::string_view body) {
    return fmt::format("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{}", body);
  };
  const std::string half_body = fmt::format("80000\r\n{}\r\n", std::string(0x80000, 'a'));
  const auto with_trailers_of = [&](std::size_t size) {
    return chunked("0\r\nX:" + std::string(size - 6, 'a') + "\r\n\r\n");
  };
  const auto with_chunk_line_of = [&](std::size_t size) {
    return chunked("1;" + std::string(size - 4, 'a') + "\r\na\r\n0\r\n\r\n");
  };
  return {
      {"longest line", with_line_of(http_request_line_limit), 200},
      {"line too long", with_line_of(http_request_line_limit + 1), 414},
      {"endless line", "GET /" + std::string(100'000, 'a'), 414},
      {"endless spaces", "GET " + std::string(100'000, ' '), 414},
      {"endless host", "GET http://" + std::string(100'000, 'a'), 414},
      {"longest head", with_head_of(http_head_limit), 200},
      {"head too long", with_head_of(http_head_limit + 1), 431},
      {"endless field", line + "X: " + std::string(100'000, 'a'), 431},
      {"endless name", line + std::string(100'000, 'a'), 431},
      {"endless space", line + "X:" + std::string(100'000, ' '), 431},
      {"endless fields", line + repeat("X: a\r\n", 100'000), 431},
      {"longest body", with_body_of(http_body_limit), 200},
      {"body too long", with_body_of(http_body_limit + 1), 413},
      {"longest body in chunks", chunked(half_body + half_body + "0\r\n\r\n"), 200},
      {"body in chunks too long", chunked(half_body + half_body + "1\r\na\r\n0\r\n\r\n"), 413},
      {"endless chunks", chunked(repeat("40\r\n" + std::string(0x40, 'a') + "\r\n", 20'000)), 413},
      {"longest trailers", with_trailers_of(http_trailers_limit), 200},
      {"trailers too long", with_trailers_of(http_trailers_limit + 1), 431},
      {"endless trailers", chunked("0\r\n" + repeat("X: a\r\n", 100'000)), 431},
      {"longest line of a chunk", with_chunk_line_of(http_chunk_line_limit), 200},
      {"line of a chunk too long", with_chunk_line_of(http_chunk_line_limit + 1), 400},
      {"endless chunk size", chunked(std::string(100'000, '0')), 400},
      {"endless extension", chunked("1;" + std::string(100'000, 'a')), 400},
  };
}

TEST(HttpSession, HasLimits) {
  std::mt19937_64 random(7);
  for (const Limit& limit : limits()) {
    const Outcome whole = play(limit.request);
    EXPECT_EQ(whole.sent.substr(0, 12), fmt::format("HTTP/1.1 {}", limit.status)) << limit.name;
    EXPECT_EQ(whole.ended, limit.status != 200) << limit.name;
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(play(limit.request, http_testing::random_cuts(limit.request.size(), random)), whole)
          << limit.name;
    EXPECT_EQ(http_testing::play_byte_by_byte(limit.request), whole) << limit.name;
  }
}

}  // namespace
}  // namespace contend
