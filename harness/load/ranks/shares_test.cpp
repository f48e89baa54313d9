// Shares of runs against what the whole is.
#include "harness/load/ranks/shares.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/load/ranks/packed.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

RunSpec spec_of(std::uint32_t connections, std::uint64_t requests = 0) {
  RunSpec spec{.target = Target::parse("tcp://127.0.0.1:7"),
               .connections = connections,
               .duration = 3s,
               .requests = requests};
  spec.schedule = Schedule::constant(1000, 3s);
  return spec;
}

TEST(SharesOfARun, AddUpToIt) {
  for (const std::uint32_t ranks : {1U, 2U, 3U, 7U}) {
    for (const std::uint64_t requests : {std::uint64_t{7}, std::uint64_t{1000}, UINT64_MAX / 2}) {
      const RunSpec whole = spec_of(23, requests);
      std::uint64_t sum_connections = 0, sum_requests = 0;
      std::set<std::uint64_t> seeds;
      for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        const RunSpec share = share_of(whole, rank, ranks);
        EXPECT_LE(share.connections - 23 / ranks, 1U);
        EXPECT_LE(share.requests - requests / ranks, 1U);
        EXPECT_EQ(share.schedule->part, rank);
        EXPECT_EQ(share.schedule->parts, ranks);
        EXPECT_EQ(share.duration, whole.duration);
        EXPECT_EQ(share.part, rank);
        EXPECT_EQ(share.parts, ranks);
        EXPECT_EQ(share.first_connection, sum_connections);
        sum_connections += share.connections;
        sum_requests += share.requests;
        seeds.insert(share.schedule->seed);
      }
      EXPECT_EQ(sum_connections, 23U);
      EXPECT_EQ(sum_requests, requests);
      EXPECT_EQ(seeds.size(), ranks);
    }
  }
  EXPECT_EQ(share_of(spec_of(4), 1, 2).requests, 0U) << "of no limit";
}

TEST(SharesOfARun, AreNoneWhereThereIsNotEnough) {
  EXPECT_TRUE(
      testing::complains([] { share_of(spec_of(2), 0, 3); }, "3 ranks can't share 2 connections"));
  EXPECT_TRUE(
      testing::complains([] { share_of(spec_of(8, 2), 0, 3); }, "3 ranks can't share 2 requests"));
}

/// A rank whose answers took `times`, a second each.
RunReport report_of(const std::vector<Duration>& times, Duration late = 1ms) {
  RunReport report{.duration = times.size() * Duration(1s),
                   .all_connected = 2ms,
                   .answered = times.size(),
                   .unanswered = 1,
                   .client_cpu = 10ms,
                   .ports_left = 5};
  for (const Duration time : times) {
    Histogram histogram;
    histogram.record(time);
    report.service_time.merge(histogram);
    report.seconds.push_back({.end = (report.seconds.size() + 1) * Duration(1s) + late,
                              .offered = 2,
                              .counts = {.sent = 2, .answered = 1, .in_flight = 1},
                              .p50 = time,
                              .p99 = time,
                              .max = time,
                              .client_cpu = 3ms,
                              .times = nlohmann::json::to_cbor(histogram.to_json())});
  }
  report.signals = {.duration = report.duration, .cpu_share = 0.2, .answered = report.answered};
  report.verdict = judge(report.signals);
  return report;
}

std::vector<RankSummary> summaries(std::size_t ranks) {
  std::vector<RankSummary> summaries;
  for (std::size_t rank = 0; rank < ranks; ++rank)
    summaries.push_back({.host = std::string(1, static_cast<char>('a' + rank)), .connections = 2});
  return summaries;
}

TEST(Merged, AddsWhatEachHasDone) {
  RunReport one = report_of({10ms, 20ms}), other = report_of({30ms, 40ms, 50ms});
  one.errors = {{"reset", 2}};
  one.examples = {{"reset", "of one"}};
  other.errors = {{"reset", 1}, {"refused", 4}};
  other.examples = {{"reset", "of the other"}};
  other.all_connected = 7ms;
  other.overdue = other.failed_requests = 4;
  other.ports_left = 3;
  const RunReport whole = merged({one, other}, summaries(2));
  EXPECT_EQ(whole.duration, 3s);
  EXPECT_EQ(whole.all_connected, 7ms);
  EXPECT_EQ(whole.answered, 5U);
  EXPECT_EQ(whole.unanswered, 2U);
  EXPECT_EQ(whole.overdue, 4U);
  EXPECT_EQ(whole.failed_requests, 4U);
  EXPECT_EQ(whole.errors, (std::map<std::string, std::uint64_t>{{"refused", 4}, {"reset", 3}}));
  EXPECT_EQ(whole.examples, (std::map<std::string, std::string>{{"reset", "of one"}}));
  EXPECT_EQ(whole.service_time.count(), 5U);
  EXPECT_EQ(whole.service_time.max(), 50ms);
  EXPECT_EQ(whole.client_cpu, 20ms);
  EXPECT_EQ(whole.ports_left, 3U);
  ASSERT_EQ(whole.ranks.size(), 2U);
  EXPECT_EQ(whole.ranks[1].host, "b");
  EXPECT_EQ(whole.ranks[1].answered, 3U);
  EXPECT_EQ(whole.ranks[1].client_cpu, 10ms);
  other.all_connected.reset();
  EXPECT_FALSE(merged({one, other}, summaries(2)).all_connected);
}

/// The percentiles of a second are those of all its answers, not of the ranks' percentiles.
TEST(Merged, HasARowForEachSecond) {
  std::vector<RunReport> reports{report_of({10ms, 1ms}), report_of({20ms, 2ms, 9ms}, 60ms)};
  for (int i = 0; i < 8; ++i) reports.push_back(report_of({11ms}));
  const RunReport whole = merged(reports, summaries(10));
  ASSERT_EQ(whole.seconds.size(), 3U);
  const Row& first = whole.seconds[0];
  EXPECT_EQ(first.end, 1060ms);
  EXPECT_EQ(first.offered, 20U);
  EXPECT_EQ(first.counts.sent, 20U);
  EXPECT_EQ(first.counts.answered, 10U);
  EXPECT_EQ(first.counts.in_flight, 10U);
  EXPECT_NEAR(static_cast<double>(first.p50.count()), 11e6, 11e3);
  EXPECT_NEAR(static_cast<double>(first.max.count()), 20e6, 20e3);
  EXPECT_EQ(first.client_cpu, 30ms);
  EXPECT_EQ(whole.seconds[1].counts.answered, 2U);
  EXPECT_EQ(whole.seconds[2].counts.answered, 1U);
}

/// One was held up, and has two rows in a second; another ended in the midst of one.
TEST(Merged, LosesNoRow) {
  RunReport late = report_of({1ms, 1ms}), short_one = report_of({1ms, 1ms});
  late.seconds[0].end = 1700ms;
  short_one.seconds[1].end = 1300ms;
  const RunReport whole = merged({late, short_one}, summaries(2));
  ASSERT_EQ(whole.seconds.size(), 2U);
  EXPECT_EQ(whole.seconds[0].counts.answered, 1U);
  EXPECT_EQ(whole.seconds[1].counts.answered, 3U);
  EXPECT_EQ(whole.seconds[1].counts.in_flight, 2U) << "of the later row of each";
}

TEST(Merged, KeepsAGapThatAllOfThemHad) {
  RunReport one = report_of({1ms}), other = report_of({1ms});
  one.gaps = {{.from = 100ms, .length = 300ms}, {.from = 800ms, .length = 100ms}};
  other.gaps = {{.from = 200ms, .length = 300ms}};
  const RunReport whole = merged({one, other}, summaries(2));
  ASSERT_EQ(whole.gaps.size(), 1U);
  EXPECT_EQ(whole.gaps[0].from, 200ms);
  EXPECT_EQ(whole.gaps[0].length, 200ms);
}

TEST(Merged, IsJudgedLikeOneWhereEachIsToBeTrusted) {
  RunReport report = report_of({1ms});
  const RunReport whole = merged({report, report}, summaries(2));
  EXPECT_EQ(whole.verdict.limit, Limit::server);
  EXPECT_EQ(whole.verdict.trusted, true);
  EXPECT_EQ(whole.verdict.reasons, report.verdict.reasons);
}

TEST(Merged, NamesTheRanksThatSpoilIt) {
  const auto of = [](Limit limit, std::optional<bool> trusted, std::string reason) {
    RunReport report = report_of({1ms});
    report.verdict = {.limit = limit, .trusted = trusted, .reasons = {std::move(reason)}};
    return report;
  };
  const RunReport good = report_of({1ms});
  const RunReport steal = of(Limit::host, false, "steal"), busy = of(Limit::client, false, "busy"),
                  silent = of(Limit::unknown, std::nullopt, "nothing was answered");
  RunReport whole = merged({good, steal, busy, steal}, summaries(4));
  EXPECT_EQ(whole.verdict.limit, Limit::client);
  EXPECT_EQ(whole.verdict.trusted, false);
  EXPECT_EQ(whole.verdict.reasons,
            (std::vector<std::string>{"rank 2 on c: busy", "ranks 1, 3: steal"}));
  whole = merged({good, silent}, summaries(2));
  EXPECT_EQ(whole.verdict.limit, Limit::unknown);
  EXPECT_EQ(whole.verdict.trusted, std::nullopt);
  EXPECT_EQ(whole.verdict.reasons, std::vector<std::string>{"rank 1 on b: nothing was answered"});
}

TEST(PackedReport, IsTheSameWhenItIsUnpacked) {
  RunReport report = report_of({1ms, 70ms});
  report.gaps = {{.from = 100ms, .length = 300ms}};
  report.errors = {{"reset", 2}};
  report.overdue = 3;
  report.failed_requests = 2;
  report.examples = {{"reset", "ä \xff"}};
  report.seconds[0].counts.errors[1] = 2;
  report.signals.steal_share = 0.25;
  report.send_lag.record(-1ms);
  const std::string bytes = packed(report);
  const RunReport again = unpacked(bytes);
  EXPECT_EQ(packed(again), bytes);
  EXPECT_EQ(again.seconds[1].times, report.seconds[1].times);
  EXPECT_EQ(again.service_time, report.service_time);
  EXPECT_EQ(again.signals.steal_share, 0.25);
  EXPECT_EQ(again.verdict.reasons, report.verdict.reasons);
  EXPECT_EQ(again.all_connected, 2ms);
  EXPECT_EQ(again.overdue, 3U);
  EXPECT_EQ(again.failed_requests, 2U);
  EXPECT_TRUE(testing::complains([] { unpacked("rubbish"); }, "can't read what a rank reports"));
}

}  // namespace
}  // namespace contend::load
