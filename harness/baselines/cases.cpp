// Work whose instructions can be counted.
#include "harness/baselines/cases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/stats/histogram.hpp"
#include "workloads/count.hpp"
#include "workloads/fib.hpp"
#include "workloads/http/client.hpp"
#include "workloads/http/parser.hpp"
#include "workloads/http/plan.hpp"

namespace contend {
namespace {

void check(std::string_view what, std::uint64_t is, std::uint64_t should_be) {
  if (is != should_be)
    throw std::runtime_error(fmt::format("{}: {} in place of {}", what, is, should_be));
}

std::function<void()> prepare_fib() {
  constexpr std::uint64_t n = 26;
  return [] { check("fib", fib(n), fib_by_adding(n)); };
}

std::function<void()> prepare_counter() {
  constexpr std::uint64_t limit = 1'000'000;
  return [] { check("counter", count(limit), limit); };
}

/// How far bytes come at a time: all at once, and cut at places that have nothing to do with what
/// is in them.
constexpr std::size_t piece_sizes[] = {1 << 16, 61};

constexpr std::string_view requests[] = {
    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /items/17?sort=name&page=2 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: contend\r\n"
    "Accept: text/html,application/json;q=0.9,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate\r\n"
    "Cookie: session=0123456789abcdef; theme=dark\r\nConnection: keep-alive\r\n\r\n",
    "POST /items HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 26\r\n"
    "\r\nabcdefghijklmnopqrstuvwxyz",
    "PUT /items/17 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n5;name=value\r\nhello\r\n0\r\nX-Sum: 31\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: localhost\r\nX-Empty:\r\n\r\n",
};

/// Every request in turn, so many times.
std::string stream_of_requests(std::size_t times) {
  std::string stream;
  for (std::size_t i = 0; i < times; ++i)
    for (const std::string_view request : requests) stream += request;
  return stream;
}

std::uint64_t complete_requests(std::string_view stream, std::size_t piece_size) {
  RequestParser parser;
  std::uint64_t complete = 0;
  while (!stream.empty()) {
    std::string_view piece = stream.substr(0, piece_size);
    stream.remove_prefix(piece.size());
    while (!piece.empty()) {
      const RequestParser::Event event = parser.next(piece);
      if (event == RequestParser::Event::refused)
        throw std::runtime_error(
            fmt::format("http_parser: refused by {}", static_cast<int>(parser.status())));
      complete += event == RequestParser::Event::complete ? 1 : 0;
    }
  }
  return complete;
}

std::function<void()> prepare_http_parser() {
  constexpr std::size_t times = 150;
  return [stream = stream_of_requests(times)] {
    for (const std::size_t piece_size : piece_sizes)
      check("http_parser", complete_requests(stream, piece_size), times * std::size(requests));
  };
}

/// Counts what a client says of its requests, and lets it go on until it has asked so many.
class Tally final : public Admission, public Recorder {
 public:
  explicit Tally(std::uint64_t asked) : left_(asked) {}
  void replied(const Exchange&) override { good_ += 1; }
  void failed(const Exchange&, ReplyError) override { bad_ += 1; }
  bool admit(std::uint32_t, std::uint64_t) override { return left_ > 0; }
  TimePoint take(std::uint32_t, TimePoint) override {
    left_ -= 1;
    return {};
  }
  std::uint64_t good() const { return good_; }
  std::uint64_t bad() const { return bad_; }

 private:
  std::uint64_t left_, good_ = 0, bad_ = 0;
};

constexpr std::uint32_t pipeline = 4;

/// The answers to one batch. Of every second one they are all the same, so that a client that has
/// learned them need only compare; those between differ from all others, and have to be read.
std::string answers_to_batch(std::size_t number) {
  constexpr std::string_view same =
      "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, world!";
  if (number % 2 == 0) return fmt::format("{0}{0}{0}{0}", same);
  return fmt::format(
      "HTTP/1.1 200 OK\r\nServer: contend\r\nX-Number: {0:06}\r\nContent-Length: 13\r\n\r\n"
      "Hello, world!{1}"
      "HTTP/1.1 200 OK\r\nX-Number: {0:06}\r\nTransfer-Encoding: chunked\r\n\r\n"
      "7\r\nHello, \r\n6\r\nworld!\r\n0\r\n\r\n{1}",
      number, same);
}

void converse(HttpPlan& plan, const std::vector<std::string>& answers, std::size_t piece_size) {
  Tally tally(answers.size() * pipeline);
  const std::unique_ptr<Session> client = make_http_client(plan, 0, tally, tally);
  Step step = client->on_open();
  for (std::string_view answer : answers) {
    for (; !answer.empty() && step.then == Step::Then::await_bytes;
         answer.remove_prefix(std::min(piece_size, answer.size())))
      step = client->on_bytes(std::as_bytes(std::span(answer.substr(0, piece_size))));
  }
  check("http_client: bad answers", tally.bad(), 0);
  check("http_client: good answers", tally.good(), answers.size() * pipeline);
  check("http_client: closed in the end", step.then == Step::Then::close ? 1 : 0, 1);
}

std::function<void()> prepare_http_client() {
  constexpr std::size_t batches = 250;
  std::vector<std::string> answers;
  for (std::size_t batch = 0; batch < batches; ++batch) answers.push_back(answers_to_batch(batch));
  return [answers] {
    // A plan of its own each time, since it learns.
    for (const std::size_t piece_size : piece_sizes) {
      HttpPlan plan({.calls = {{.request = http_get("/"), .text = "Hello, world!"}},
                     .pipeline = pipeline,
                     .reply_within = std::chrono::hours(24)});
      converse(plan, answers, piece_size);
    }
  };
}

/// Latencies over some thousand counters, from 20 ns to 1 s; drawn by shifts, since the standard
/// library's distributions may differ from one version to the next.
std::vector<Histogram::Duration> latencies() {
  SplitMix random(1);
  std::vector<Histogram::Duration> drawn(1 << 14);
  for (Histogram::Duration& one : drawn) {
    const std::uint64_t bits = random();
    one = Histogram::Duration(static_cast<std::int64_t>(20 + (bits >> 34 >> (bits % 26))));
  }
  return drawn;
}

std::function<void()> prepare_histogram() {
  constexpr std::size_t times = 8;
  return [drawn = latencies()] {
    Histogram one, sum;
    for (std::size_t i = 0; i < times; ++i)
      for (const Histogram::Duration latency : drawn) one.record(latency);
    for (std::size_t i = 0; i < times; ++i) sum.merge(one);
    check("histogram: count", sum.count(), times * times * drawn.size());
    check("histogram: the largest", static_cast<std::uint64_t>(sum.value_at(100).count()),
          static_cast<std::uint64_t>(one.max().count()));
    for (const double percentile : {50.0, 90.0, 99.0, 99.9})
      check("histogram: percentile", static_cast<std::uint64_t>(sum.value_at(percentile).count()),
            static_cast<std::uint64_t>(one.value_at(percentile).count()));
  };
}

constexpr CountedCase all_cases[] = {
    {"fib", "recursion without a short cut", prepare_fib},
    {"counter", "counting one by one", prepare_counter},
    {"http_parser", "a server's reading of requests, whole and in pieces", prepare_http_parser},
    {"http_client", "a client's requests, and its reading and checking of the answers",
     prepare_http_client},
    {"histogram", "recording, merging and reading latencies", prepare_histogram},
};

}  // namespace

std::span<const CountedCase> counted_cases() {
  return all_cases;
}

const CountedCase& find_case(std::string_view name) {
  std::vector<std::string_view> known;
  for (const CountedCase& one : all_cases) {
    if (one.name == name) return one;
    known.push_back(one.name);
  }
  throw std::invalid_argument(
      fmt::format("no case '{}'; there are {}", name, fmt::join(known, ", ")));
}

}  // namespace contend
