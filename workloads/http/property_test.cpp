// Whatever comes, an http server's output depends on the bytes and not on how they are cut: for
// requests put together from parts that matter, good and bad, and for plain garbage. What the
// fuzz targets do without end (server_fuzz.cpp), within a bounded time.
#include <gtest/gtest.h>

#include <chrono>

#include "workloads/http/http_testing.hpp"

namespace contend {
namespace {

using http_testing::play;
using http_testing::play_byte_by_byte;
using http_testing::random_cuts;

constexpr auto time_limit = std::chrono::seconds(10);

/// Most of them belong together in this order.
constexpr std::string_view parts[] = {
    "GET ",
    "HEAD ",
    "POST ",
    "PUT ",
    "OPTIONS ",
    "CONNECT ",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "FOO ",
    "SETUP ",
    "GE",
    "/",
    "/bytes/",
    "/bytes/100",
    "/bytes/20000",
    "/fib/7",
    "/delay/1",
    "http://a",
    "*",
    "?a",
    "#",
    " ",
    "  ",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/1.9",
    "HTTP/2.0",
    "HTTP/0.9",
    "RTSP/1.0",
    "HTTP/",
    "\r\n",
    "\n",
    "\r",
    "Host: a\r\n",
    "Host:",
    "host : b\r\n",
    "Content-Length: 3\r\n",
    "Content-Length:",
    "Content-Length: 2000000\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Transfer-Encoding:",
    "Expect: 100-continue\r\n",
    "Expect: x\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Connection: Upgrade\r\nUpgrade: x\r\n",
    "X: y\r\n",
    "X:\r\n",
    ":",
    " z\r\n",
    "\t",
    "\r\n\r\n",
    "abc",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
    "0\r\n",
    "1;a=b\r\nc\r\n",
    "-1",
    "fffff",
    "\x80",
    "\x7f",
    "{",
};

/// Whole requests, so that there is something behind the first.
constexpr std::string_view requests[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /bytes/20000 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /bytes/20000 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET /delay/1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: "
    "close\r\n\r\n",
};

template <typename Texts>
std::string_view any_of(const Texts& texts, std::mt19937_64& random) {
  return texts[random() % std::size(texts)];
}

void damage(std::string& text, std::mt19937_64& random) {
  if (text.empty()) return;
  const std::size_t at = random() % text.size();
  switch (random() % 4) {
    case 0: text[at] = static_cast<char>(random()); break;
    case 1: text.erase(at, 1 + random() % 4); break;
    case 2: text.insert(at, any_of(parts, random)); break;
    case 3: text.insert(at, text.substr(at, 1 + random() % 40)); break;
  }
}

std::string any_input(std::mt19937_64& random) {
  std::string text;
  switch (random() % 8) {
    case 0:  // garbage
      text.resize(random() % 100);
      for (char& c : text) c = static_cast<char>(random());
      break;
    case 1:  // parts in any order
      for (std::size_t i = random() % 30; i > 0; --i) text += any_of(parts, random);
      break;
    default:
      for (std::size_t i = 1 + random() % 6; i > 0; --i) text += any_of(requests, random);
      for (std::size_t i = random() % 4; i > 0; --i) damage(text, random);
      break;
  }
  return text;
}

TEST(HttpServer, IsIndifferentToTheCuts) {
  const auto until = Clock::now() + time_limit;
  std::size_t answered = 0, refused = 0;
  int seed = 0;
  for (; seed < 20'000 && Clock::now() < until; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    const std::string input = any_input(random);
    const auto whole = play(input);
    answered += whole.sent.find("200 OK") != whole.sent.npos;
    refused += whole.lingered;
    ASSERT_EQ(play(input, random_cuts(input.size(), random)).sent, whole.sent) << "seed " << seed;
    const auto bytewise = play_byte_by_byte(input);
    ASSERT_EQ(bytewise.sent, whole.sent) << "seed " << seed;
    ASSERT_EQ(bytewise.ended, whole.ended) << "seed " << seed;
  }
  EXPECT_GT(answered * 10, static_cast<std::size_t>(seed)) << "the inputs are too bad to tell";
  EXPECT_GT(refused * 10, static_cast<std::size_t>(seed)) << "the inputs are too good to tell";
}

}  // namespace
}  // namespace contend
