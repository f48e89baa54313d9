// The http server by the corpus: what comes, and to the byte what has to be answered. Each entry is
// played whole, cut in two anywhere, and byte by byte. No sockets.
#include <gtest/gtest.h>

#include "workloads/http/corpus_testing.hpp"
#include "workloads/http/http_testing.hpp"

namespace contend {
namespace {

using http_testing::CorpusCase;
using http_testing::Outcome;
using http_testing::play;
using http_testing::play_byte_by_byte;
using http_testing::read_http_corpus;

/// Longer ones are cut in some places only.
constexpr std::size_t cut_everywhere_bytes = 1000;

void expect_outcome(const Outcome& outcome, const CorpusCase& one, std::string_view how) {
  EXPECT_EQ(outcome.sent, one.response) << one.name << ", " << how;
  EXPECT_EQ(outcome.ended, one.closes) << one.name << ", " << how;
}

TEST(HttpServer, AnswersTheCorpusWhateverTheCuts) {
  const std::vector<CorpusCase> corpus = read_http_corpus();
  EXPECT_GT(corpus.size(), 250U);
  for (const CorpusCase& one : corpus) {
    const Outcome whole = play(one.request);
    expect_outcome(whole, one, "whole");
    if (one.is_refused) {
      EXPECT_TRUE(whole.lingered) << one.name;
    }
    const std::size_t step = one.request.size() / cut_everywhere_bytes + 1;
    for (std::size_t cut = 1; cut < one.request.size(); cut += step)
      expect_outcome(play(one.request, {cut}), one, fmt::format("cut at {}", cut));
    expect_outcome(play_byte_by_byte(one.request), one, "byte by byte");
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrderAndInOneSend) {
  const std::vector<CorpusCase> corpus = read_http_corpus();
  for (const CorpusCase& first : corpus) {
    if (first.closes) continue;
    for (const CorpusCase& second : corpus) {
      const std::string request = first.request + second.request;
      if (request.size() > cut_everywhere_bytes) continue;
      const Outcome outcome = play(request);
      EXPECT_EQ(outcome.sent, first.response + second.response)
          << first.name << ", then " << second.name;
      EXPECT_EQ(outcome.ended, second.closes) << first.name << ", then " << second.name;
      if (request.find("/delay/") == request.npos) {
        EXPECT_EQ(outcome.sends, 1U) << first.name << ", then " << second.name;
      }
      EXPECT_EQ(play_byte_by_byte(request), outcome) << first.name << ", then " << second.name;
    }
  }
}

TEST(HttpServer, AnswersNothingAfterTheEnd) {
  for (const CorpusCase& one : read_http_corpus()) {
    if (!one.closes) continue;
    const Outcome outcome = play(one.request + "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(outcome.sent, one.response) << one.name;
    EXPECT_TRUE(outcome.lingered) << one.name << ": something is unread";
  }
}

TEST(HttpServer, LingersOnlyWhereSomethingMayBeUnread) {
  EXPECT_FALSE(play("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").lingered);
  EXPECT_FALSE(play("GET / HTTP/1.0\r\n\r\n").lingered);
}

/// Where a byte can't belong to any request, the rest is not waited for.
TEST(HttpServer, RefusesAsSoonAsItCan) {
  const auto status_of = [](std::string_view input) { return play(input).sent.substr(9, 3); };
  EXPECT_EQ(status_of("{"), "400");
  EXPECT_EQ(status_of("GE{"), "400");
  EXPECT_EQ(status_of(std::string(100, 'A')), "501");
  EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\nXX"), "400");
}

}  // namespace
}  // namespace contend
