// Gaps from scripts of answers and failures. No sockets, no waiting.
#include "harness/load/recording/gaps.hpp"

#include <gtest/gtest.h>

#include "harness/load/load_testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

using load_testing::begin;

Gap gap(Duration from, Duration to) {
  return {.from = begin + from, .to = begin + to};
}

TEST(Gaps, AreTimesWithFailuresAndWithoutAnswers) {
  Gaps gaps;
  gaps.answered(begin + 1s);
  gaps.failed(ReplyError::reset);
  gaps.failed(ReplyError::refused);
  gaps.answered(begin + 3s);
  gaps.answered(begin + 9s);              // slow, but nothing failed
  gaps.failed(ReplyError::closed_early);  // one connection, while others
  gaps.answered(begin + 9s + 10ms);       // are answered
  gaps.failed(ReplyError::wrong_status);  // somebody is there
  gaps.answered(begin + 20s);
  EXPECT_EQ(gaps.until(begin, begin + 30s), std::vector{gap(1s, 3s)});
  gaps.failed(ReplyError::timed_out);
  const std::vector both{gap(1s, 3s), gap(20s, 30s)};
  EXPECT_EQ(gaps.until(begin, begin + 30s), both) << "it has not come back";
}

TEST(Gaps, BeginWithTheRunWhereNobodyWasThere) {
  Gaps gaps;
  gaps.failed(ReplyError::refused);
  EXPECT_EQ(gaps.until(begin, begin + 2s), std::vector{gap(0s, 2s)});
  gaps.answered(begin + 1s);
  EXPECT_EQ(gaps.until(begin, begin + 2s), std::vector{gap(0s, 1s)});
}

/// Nothing fails where a server stands still: what tells is that nobody is answered who waits.
TEST(Gaps, AreASilenceAtTheEndWhileSomebodyWaits) {
  Gaps gaps;
  gaps.answered(begin + 1s);
  EXPECT_EQ(gaps.until(begin, begin + 3s), std::vector<Gap>{}) << "nobody waits";
  EXPECT_EQ(gaps.until(begin, begin + 3s, begin + 500ms), std::vector{gap(1s, 3s)});
  EXPECT_EQ(gaps.until(begin, begin + 3s, begin + 2s), std::vector{gap(2s, 3s)});
  EXPECT_EQ(gaps.until(begin, begin + 1199ms, begin), std::vector<Gap>{}) << "a machine's stall";
  EXPECT_EQ(gaps.until(begin, begin + 3s, begin, 1100ms), std::vector<Gap>{}) << "a slow server";
  EXPECT_EQ(Gaps().until(begin, begin + 3s, begin), std::vector{gap(0s, 3s)}) << "never answered";
}

TEST(Gaps, AreNoMoreThanTheLimit) {
  Gaps gaps;
  for (int i = 1; i < 500; ++i) {
    gaps.failed(ReplyError::refused);
    gaps.answered(begin + i * 1s);
  }
  EXPECT_EQ(gaps.until(begin, begin + 1h).size(), max_gaps);
}

TEST(Gaps, OfSeveralShardsAreThoseOfAll) {
  const std::vector one{gap(1s, 4s), gap(6s, 7s), gap(8s, 12s)};
  const std::vector other{gap(2s, 5s), gap(8s, 9s), gap(10s, 11s), gap(11990ms, 13s)};
  const std::vector both{gap(2s, 4s), gap(8s, 9s), gap(10s, 11s)};
  EXPECT_EQ(common(one, other), both);
  EXPECT_EQ(common(other, one), both);
  EXPECT_EQ(common(one, {}), std::vector<Gap>{});
  EXPECT_EQ(common(one, one), one);
}

}  // namespace
}  // namespace contend::load
