// The http server as a table: what comes, and to the byte what has to be answered. Each entry is
// played whole, cut in two anywhere, and byte by byte.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "workloads/http_testing.hpp"

namespace contend {
namespace {

using http_testing::Outcome;
using http_testing::play;
using http_testing::play_byte_by_byte;

constexpr std::string_view continues = "HTTP/1.1 100 Continue\r\n\r\n";

std::string head(std::size_t length, std::string_view more = {}) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Type: text/plain\r\n{}\r\n",
                     length, more);
}
std::string ok(std::string_view body) {
  return head(body.size()).append(body);
}
std::string ok_then_close(std::string_view body) {
  return head(body.size(), "Connection: close\r\n").append(body);
}
std::string refusal(std::string_view status, std::string_view more = {}) {
  return fmt::format(
      "HTTP/1.1 {0}\r\nContent-Length: {1}\r\nContent-Type: text/plain\r\n{2}"
      "Connection: close\r\n\r\n{0}",
      status, status.size(), more);
}
std::string get(std::string_view path, std::string_view fields = {}) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", path, fields);
}
std::string post(std::string_view fields, std::string_view body) {
  return fmt::format("POST / HTTP/1.1\r\nHost: a\r\n{}\r\n{}", fields, body);
}
std::string chunked(std::string_view body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

const std::string hello = ok("Hello, world!");
const std::string bad = refusal("400 Bad Request");
const std::string unimplemented = refusal("501 Not Implemented");

struct Case {
  const char* name;
  std::string request;
  std::string response;
  bool ends = false;
};
Case ends(const char* name, std::string request, std::string response) {
  return {name, std::move(request), std::move(response), true};
}

std::vector<Case> good_cases() {
  const std::string text = "Hello, world!";
  return {
      {"plain", get("/"), hello},
      {"the response, spelt out", "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n",
       "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!"},
      {"fields of no matter",
       get("/", "User-Agent: x\r\nAccept: */*\r\nX:\r\nY: \xe4\xf6 \"z\" \t\r\n"), hello},
      {"names in any case", "GET / HTTP/1.1\r\nhOST: a\r\ncONNECTION: Keep-Alive\r\n\r\n", hello},
      {"query", get("/?a=/fib/3&b=?"), hello},
      {"query of another", get("/bytes/3?x"), ok("!\"#")},
      {"absolute", "GET http://a.b:80/bytes/2 HTTP/1.1\r\nHost: c\r\n\r\n", ok("!\"")},
      {"absolute, scheme in capitals", "GET HTTP://a/ HTTP/1.1\r\nHost: a\r\n\r\n", hello},
      {"absolute without path", "GET http://a.b HTTP/1.1\r\nHost: a\r\n\r\n", hello},
      {"absolute, query alone", "GET http://a.b?c HTTP/1.1\r\nHost: a\r\n\r\n", hello},
      {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", hello},
      {"host with space around", "GET / HTTP/1.1\r\nHost: \t a:1 \t\r\n\r\n", hello},
      {"IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", hello},
      {"later minor version", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", hello},
      {"empty line before", "\r\n" + get("/"), hello},
      {"upgrade is not taken up", get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), hello},
      {"no bytes", get("/bytes/0"), ok("")},
      {"bytes", get("/bytes/90"),
       ok("!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
          "abcdefghijklmnopqrstuvwxy!")},
      {"delay of nothing", get("/delay/0"), hello},
      {"delay", get("/delay/10"), hello},
      {"first fib", get("/fib/1"), ok("0")},
      {"fib", get("/fib/20"), ok("4181")},
      {"options", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
       head(0, "Allow: GET, HEAD, POST, OPTIONS\r\n")},
      {"head", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", head(13)},
      {"head of bytes", "HEAD /bytes/1000000000 HTTP/1.1\r\nHost: a\r\n\r\n", head(1'000'000'000)},
      {"head of fib", "HEAD /fib/20 HTTP/1.1\r\nHost: a\r\n\r\n", head(4)},
      {"head of delay", "HEAD /delay/5 HTTP/1.1\r\nHost: a\r\n\r\n", head(13)},
      {"body", post("Content-Length: 5\r\n", "hello"), ok("5")},
      {"body of nothing", post("Content-Length: 0\r\n", ""), ok("0")},
      {"post without body", post("", ""), ok("0")},
      {"body like a request",
       post(fmt::format("Content-Length: {}\r\n", get("/").size()), get("/")),
       ok(std::to_string(get("/").size()))},
      {"get with a body", get("/", "Content-Length: 3\r\n") + "abc", hello},
      {"chunks", chunked("5\r\nhello\r\n1;a;b=\"c d\";e=f\r\n!\r\n000\r\n\r\n"), ok("6")},
      {"chunk sizes in hexadecimal", chunked("0A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
       ok("20")},
      {"no chunks", chunked("0\r\n\r\n"), ok("0")},
      {"coding in capitals, space behind", post("TRANSFER-encoding: CHUNKED \r\n", "0\r\n\r\n"),
       ok("0")},
      {"trailers", chunked("1\r\na\r\n0\r\nHost: b\r\nConnection: close\r\nExpect: x\r\n\r\n"),
       ok("1")},
      {"expected", post("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab"),
       std::string(continues) + ok("2")},
      {"expected, in capitals, chunks",
       post("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n"),
       std::string(continues) + ok("1")},
      {"expected without a body", post("Expect: 100-continue\r\nContent-Length: 0\r\n", ""),
       ok("0")},
      ends("close", get("/", "Connection: close\r\n"), ok_then_close(text)),
      ends("close among others", get("/", "Connection: x, CLOSE\r\n"), ok_then_close(text)),
      ends("close after a body", post("Connection: close\r\nContent-Length: 1\r\n", "a"),
           ok_then_close("1")),
      ends("close after a delay", get("/delay/1", "Connection: close\r\n"), ok_then_close(text)),
      ends("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", ok_then_close(text)),
      {"HTTP/1.0, kept", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       head(13, "Connection: keep-alive\r\n") + text},
      ends("HTTP/1.0, expectations ignored",
           "POST / HTTP/1.0\r\nExpect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\na",
           ok_then_close("1")),
  };
}

std::vector<Case> refused_cases() {
  const std::string line = "GET / HTTP/1.1\r\n";
  const std::string allow = "Allow: GET, HEAD\r\n", allow_post = "Allow: GET, HEAD, POST\r\n";
  const std::string not_found = refusal("404 Not Found");
  const std::string not_allowed = refusal("405 Method Not Allowed", allow_post);
  const std::string version = refusal("505 HTTP Version Not Supported");
  const std::string too_large = refusal("413 Content Too Large");
  const auto request = [](std::string_view first, std::string_view fields = "Host: a\r\n") {
    return fmt::format("{}\r\n{}\r\n", first, fields);
  };
  std::vector<Case> cases{
      {"not there", get("/nope"), not_found},
      {"encoded", get("/%62ytes/1"), not_found},
      {"double slash", get("//"), not_found},
      {"no number", get("/bytes/"), not_found},
      {"signed number", get("/bytes/-1"), not_found},
      {"number and more", get("/bytes/1x"), not_found},
      {"too many bytes", get("/bytes/1073741825"), not_found},
      {"too many digits", get("/bytes/0000000000000000000000000000000000000000001"), not_found},
      {"fib of nothing", get("/fib/0"), not_found},
      {"too much fib", get("/fib/46"), not_found},
      {"too much delay", get("/delay/60001"), not_found},
      {"head of what is not there", request("HEAD /nope HTTP/1.1"),
       not_found.substr(0, not_found.size() - 13)},
      {"post elsewhere", request("POST /fib/1 HTTP/1.1"), refusal("405 Method Not Allowed", allow)},
      {"delete", request("DELETE / HTTP/1.1"), not_allowed},
      {"put", request("PUT / HTTP/1.1", "Host: a\r\nContent-Length: 9\r\n"), not_allowed},
      {"options of a path", request("OPTIONS / HTTP/1.1"), not_allowed},
      {"trace", request("TRACE / HTTP/1.1"), not_allowed},
      {"connect", request("CONNECT a.b:443 HTTP/1.1"), refusal("405 Method Not Allowed", allow)},
      {"unknown method", request("FOO / HTTP/1.1"), unimplemented},
      {"method in small letters", request("get / HTTP/1.1"), unimplemented},
      {"more than a method", request("GETS / HTTP/1.1"), unimplemented},
      {"more than HEAD", request("HEADS / HTTP/1.1"), unimplemented},
      {"method of WebDAV", request("MKCOL / HTTP/1.1"), unimplemented},
      {"method of RTSP", request("SETUP / HTTP/1.1"), unimplemented},
      {"method of ICE", request("SOURCE / HTTP/1.1"), unimplemented},
      {"endless method", std::string(100, 'A'), unimplemented},
      {"unknown coding", post("Transfer-Encoding: gzip\r\n", ""), unimplemented},
      {"unknown coding first", post("Transfer-Encoding: gzip, chunked\r\n", ""), unimplemented},
      {"unknown coding in a field before",
       post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", ""), unimplemented},
      {"coding of a long name", post("Transfer-Encoding: chunkedchunkedchunked\r\n", ""),
       unimplemented},
      {"HTTP/2", request("GET / HTTP/2.0"), version},
      {"HTTP/3", request("GET / HTTP/3.0"), version},
      {"HTTP/0.9 by name", request("GET / HTTP/0.9"), version},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", version},
      {"large body", post("Content-Length: 1048577\r\n", ""), too_large},
      {"large body, expected", post("Expect: 100-continue\r\nContent-Length: 1048577\r\n", ""),
       too_large},
      {"large chunk", chunked("100001\r\n"), too_large},
      {"very large chunk", chunked("FFFFFFFFFFFFFFFF\r\n"), too_large},
      {"large chunk after another", chunked("1\r\na\r\n100000\r\n"), too_large},
      {"other expectation", post("Expect: tea\r\nContent-Length: 1\r\n", ""),
       refusal("417 Expectation Failed")},
      {"expectations of both kinds", get("/", "Expect: 100-continue\r\nExpect: x\r\n"),
       refusal("417 Expectation Failed")},
  };
  const std::pair<const char*, std::string> bad_requests[] = {
      {"no host", line + "\r\n"},
      {"two hosts", line + "Host: a\r\nHost: a\r\n\r\n"},
      {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"host with a path", line + "Host: a/b\r\n\r\n"},
      {"host with a user", line + "Host: a@b\r\n\r\n"},
      {"host of two words", line + "Host: a b\r\n\r\n"},
      {"hosts in a list", line + "Host: a, b\r\n\r\n"},
      {"both lengths", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "")},
      {"both lengths, other order",
       post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "")},
      {"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "")},
      {"one length twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "")},
      {"list of lengths", post("Content-Length: 3, 3\r\n", "")},
      {"signed length", post("Content-Length: +3\r\n", "")},
      {"negative length", post("Content-Length: -3\r\n", "")},
      {"length in hexadecimal", post("Content-Length: 0x3\r\n", "")},
      {"length of nothing", post("Content-Length:\r\n", "")},
      {"length beyond 64 bits", post("Content-Length: 18446744073709551617\r\n", "")},
      {"coding of nothing", post("Transfer-Encoding:\r\n", "")},
      {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "")},
      {"chunked in two fields",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "")},
      {"chunked not last", post("Transfer-Encoding: chunked, gzip\r\n", "")},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"no chunk size", chunked("\r\n")},
      {"chunk size that is none", chunked("x\r\n")},
      {"chunk size with a prefix", chunked("0x1\r\n")},
      {"signed chunk size", chunked("-1\r\n")},
      {"space before a chunk size", chunked(" 1\r\n")},
      {"space after a chunk size", chunked("1 \r\n")},
      {"chunk size beyond 64 bits", chunked("10000000000000000\r\n")},
      {"chunk size ended by LF", chunked("1\na\r\n0\r\n\r\n")},
      {"chunk longer than its size", chunked("1\r\nab\r\n")},
      {"chunk ended by LF", chunked("1\r\na\n0\r\n\r\n")},
      {"bare CR in an extension", chunked("1;a\rb\r\n")},
      {"folded field", line + "Host: a\r\nX: b\r\n c\r\n\r\n"},
      {"field folded by a tab", line + "Host: a\r\nX: b\r\n\tc\r\n\r\n"},
      {"folded empty field", line + "Host: a\r\nX:\r\n b\r\n\r\n"},
      {"folded to nothing", line + "Host: a\r\nX:\r\n \r\n\r\n"},
      {"folded coding", post("Transfer-Encoding:\r\n chunked\r\n", "")},
      {"space before the first field", line + " Host: a\r\n\r\n"},
      {"folded trailer", chunked("0\r\nX: a\r\n b\r\n\r\n")},
      {"space before the first trailer", chunked("0\r\n X: a\r\n\r\n")},
      {"empty name in the trailers", chunked("0\r\n: a\r\n\r\n")},
      {"LF in the trailers", chunked("0\r\nX: a\r\n\n")},
      {"LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"LF after a field", line + "Host: a\n\r\n"},
      {"LF at the end", line + "Host: a\r\n\n"},
      {"CR in the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n"},
      {"CR in a field", line + "Host: a\r\nX: a\rb\r\n\r\n"},
      {"CR at the end", line + "Host: a\r\n\rx"},
      {"NUL in a field", line + "Host: a\r\nX: " + std::string(1, '\0') + "\r\n\r\n"},
      {"DEL in a field", line + "Host: a\r\nX: \x7f\r\n\r\n"},
      {"space before a colon", line + "Host : a\r\n\r\n"},
      {"space in a name", line + "Host: a\r\nA B: c\r\n\r\n"},
      {"no name", line + "Host: a\r\n: b\r\n\r\n"},
      {"no colon", line + "Host: a\r\nX\r\n\r\n"},
      {"two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"three spaces before the target", "GET   /HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"two spaces after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"tab after the method", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
      {"no version", "GET /\r\nHost: a\r\n\r\n"},
      {"version of RTSP", "GET / RTSP/1.0\r\nHost: a\r\n\r\n"},
      {"options of RTSP", "OPTIONS * RTSP/1.0\r\nHost: a\r\n\r\n"},
      {"version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n"},
      {"version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
      {"version of words", "GET / HTTP/x.y\r\nHost: a\r\n\r\n"},
      {"fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"fragment after a query", "GET /?a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"target that is no path", "GET bytes HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"star for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"star and more", "OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"absolute without host", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"absolute with a user", "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"not ASCII in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"preface without its end", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"},
      {"two empty lines", "\r\n\r\n" + get("/")},
      {"LF before", "\n" + get("/")},
      {"CR before", "\r" + get("/")},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {"nothing but a brace", "{"},
      {"a brace in the method", "GE{T / HTTP/1.1\r\n"},
  };
  for (const auto& [name, text] : bad_requests) cases.push_back({name, text, bad});
  for (Case& one : cases) one.ends = true;
  return cases;
}

void expect_outcome(const Outcome& outcome, const Case& one, std::string_view how) {
  EXPECT_EQ(outcome.sent, one.response) << one.name << ", " << how;
  EXPECT_EQ(outcome.ended, one.ends) << one.name << ", " << how;
}

void expect_whatever_the_cuts(const Case& one) {
  const Outcome whole = play(one.request);
  expect_outcome(whole, one, "whole");
  if (one.response.find("200 OK") == one.response.npos) {
    EXPECT_TRUE(whole.lingered) << one.name;
  }
  for (std::size_t cut = 1; cut < one.request.size(); ++cut)
    expect_outcome(play(one.request, {cut}), one, fmt::format("cut at {}", cut));
  expect_outcome(play_byte_by_byte(one.request), one, "byte by byte");
}

TEST(HttpServer, AnswersWhatItShould) {
  for (const Case& one : good_cases()) expect_whatever_the_cuts(one);
}

TEST(HttpServer, RefusesWhatItShould) {
  for (const Case& one : refused_cases()) expect_whatever_the_cuts(one);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrderAndInOneSend) {
  const std::vector<Case> good = good_cases();
  std::vector<Case> all = good;
  for (const Case& one : refused_cases()) all.push_back(one);
  for (const Case& first : good) {
    if (first.ends) continue;
    for (const Case& second : all) {
      const std::string request = first.request + second.request;
      const Outcome outcome = play(request);
      EXPECT_EQ(outcome.sent, first.response + second.response)
          << first.name << ", then " << second.name;
      EXPECT_EQ(outcome.ended, second.ends) << first.name << ", then " << second.name;
      if (request.find("/delay/") == request.npos) {
        EXPECT_EQ(outcome.sends, 1U) << first.name << ", then " << second.name;
      }
      EXPECT_EQ(play_byte_by_byte(request), outcome) << first.name << ", then " << second.name;
    }
  }
}

TEST(HttpServer, AnswersNothingAfterTheEnd) {
  for (const Case& one : good_cases())
    if (one.ends) {
      const Outcome outcome = play(one.request + get("/"));
      EXPECT_EQ(outcome.sent, one.response) << one.name;
      EXPECT_TRUE(outcome.lingered) << one.name << ": something is unread";
      EXPECT_FALSE(play(one.request).lingered) << one.name << ": nothing is unread";
    }
}

}  // namespace
}  // namespace contend
