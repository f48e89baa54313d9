// The selftest: what is simulated from recorded slices, and how it is counted.
#include "harness/ab/selftest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/ab/ab_testing.hpp"
#include "harness/ab/slices_testing.hpp"
#include "harness/base/json.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using namespace std::chrono_literals;
using contend::testing::complains;
using contend::testing::some_slice;

/// Both sides of a program compared with itself: two cells of `blocks` blocks, with a noise of
/// which most lasts for several slices, as that of machines does.
std::pair<Result, Result> recorded(unsigned blocks, double noise) {
  std::pair<Result, Result> sides;
  std::mt19937_64 generator(3);
  std::normal_distribution<double> error(0, 1);
  std::vector<Cell> cells;
  for (const char* engine : {"one", "two"})
    cells.push_back({.engine = engine, .workload = "fib", .role = Role::run, .options = {}});
  double slow = 0;
  int milliseconds = 0;
  for (unsigned block = 0; block < blocks; ++block) {
    for (const Cell& cell : cells) {
      const auto order = order_in_block(1, cell.engine == "one" ? 0 : 1, block);
      for (unsigned place = 0; place < slices_a_block; ++place) {
        slow = 0.95 * slow + noise * error(generator);
        Sample slice = some_slice(1e8 * std::exp(slow + noise / 2 * error(generator)));
        slice.cell = cell.id();
        slice.round = block;
        slice.order = place;
        slice.metrics["peak_rss_bytes"] = 1e6;
        slice.at = fmt::format("2026-11-26T08:{:02}:{:02}.{:03}Z", milliseconds / 60000,
                               milliseconds / 1000 % 60, milliseconds % 1000);
        milliseconds += 250;
        (order[place] == Which::base ? sides.first : sides.second).samples.push_back(slice);
      }
    }
  }
  for (Result* side : {&sides.first, &sides.second}) side->cells = aggregate(cells, side->samples);
  return sides;
}

Replay replay_of(unsigned blocks, double noise) {
  const auto [base, head] = recorded(blocks, noise);
  return {base, head};
}

TEST(Replay, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Replay replay = replay_of(60, 0.02);
  EXPECT_EQ(replay.cells(), 2U);
  EXPECT_EQ(replay.comparisons(), 6U);
  const auto ratio = [&](std::uint64_t seed) {
    Plan other{.seed = seed, .budget = 120s, .screen = 40s, .rules = {}};
    return replay.suite(other, 1)[0].comparison.ratio->estimate;
  };
  EXPECT_EQ(ratio(1), ratio(1));
  EXPECT_NE(ratio(1), ratio(2));
}

TEST(Replay, FindsTheSlowdownThatItPutsIn) {
  const Replay replay = replay_of(60, 0.02);
  for (const Evidence& one :
       replay.suite({.seed = 4, .budget = 120s, .screen = 40s, .rules = {}}, 1.1)) {
    if (one.comparison.metric == "wall_ns") {
      EXPECT_EQ(one.comparison.verdict, Verdict::regressed);
      EXPECT_TRUE(one.comparison.confirmed);
      EXPECT_NEAR(one.comparison.ratio->estimate, 1.1, 0.02);
    } else if (one.comparison.metric == "peak_rss_bytes") {
      EXPECT_EQ(one.comparison.verdict, Verdict::unchanged);
    } else {
      EXPECT_EQ(one.comparison.verdict, Verdict::invalid) << "it was not recorded";
    }
  }
}

TEST(Replay, TakesASliceForAsLongAsItTook) {
  // Of 120 s, 480 slices of 250 ms; the screen of 40 s has 160 of them, 80 pairs, two cells.
  const Replay replay = replay_of(200, 0.0001);
  std::size_t pairs = 0;
  for (const Evidence& one :
       replay.suite({.seed = 4, .budget = 120s, .screen = 40s, .rules = {}}, 1))
    pairs += one.comparison.metric == "wall_ns" ? one.comparison.pairs : 0;
  EXPECT_NEAR(static_cast<double>(pairs), 80, 4);
}

TEST(Replay, NeedsAWholeBlock) {
  auto [base, head] = recorded(1, 0.02);
  base.samples.resize(1);
  head.samples.clear();
  EXPECT_TRUE(complains([&] { Replay(base, head); }, "no whole block"));
  head.samples.push_back(base.samples[0]);
  head.samples[0].at = "yesterday";
  EXPECT_TRUE(complains([&] { Replay(base, head); }, "no time"));
}

TEST(Selftest, CountsAlarmsAndFinds) {
  const Replay replay = replay_of(100, 0.02);
  SelftestOptions options;
  options.slowdowns = {8};
  options.suites = 40;
  options.budget = 120s;
  SelftestReport report;
  double done = 0;
  simulate(replay, options, report, [&](double share) { done = share; });
  EXPECT_EQ(done, 1);
  EXPECT_EQ(report.alarms.trials, 40U);
  EXPECT_LE(report.alarms.hits, 3U);
  ASSERT_EQ(report.slowdowns.size(), 2U);
  const auto wall = [](const SlowdownFound& slowdown) {
    return *std::ranges::find(slowdown.found, "wall_ns", &Found::metric);
  };
  EXPECT_EQ(wall(report.slowdowns[1]).cell, "fib/one");
  EXPECT_EQ(wall(report.slowdowns[1]).simulated.trials, 40U);
  EXPECT_GE(wall(report.slowdowns[1]).simulated.value(), 0.9);
  EXPECT_LE(wall(report.slowdowns[0]).simulated.value(), 0.05);
}

TEST(Selftest, HoldsMeasuredRatiosAgainstTheTruth) {
  AbResult result = contend::testing::some_ab_result();
  SelftestReport report;
  take_measured(result, 5, report);  // p50: 1.05 (1.04 to 1.06); p99: 1.1 (0.9 to 1.3)
  const auto of = [&](std::string_view metric) {
    return *std::ranges::find(report.slowdowns[0].found, metric, &Found::metric);
  };
  EXPECT_EQ(of("latency_p50_ns").measured.hits, 1U);
  EXPECT_EQ(of("latency_p50_ns").covered.hits, 1U);
  EXPECT_EQ(of("latency_p50_ns").estimate, 1.05);
  EXPECT_EQ(of("latency_p99_ns").measured.hits, 0U);
  EXPECT_EQ(of("cpu_ns_per_operation").covered.hits, 0U);
  EXPECT_EQ(of("wall_ns").covered.trials, 0U) << "it is invalid";
  EXPECT_EQ(report.measured_alarms.trials, 0U);
  take_measured(result, 0, report);
  EXPECT_EQ(report.measured_alarms.hits, 1U);
  const std::string text = text_of(report);
  EXPECT_NE(text.find("Slower by 5 %"), std::string::npos) << text;
}

// E. Wilson's and others' example of 81 of 263, as in Newcombe, Two-sided confidence intervals for
// the single proportion, 1998, table I, method 5: .2527 to .3676; and of 0 of 20: 0 to .1684.
TEST(Proportion, HasThePublishedIntervals) {
  const auto [low, high] = Proportion{.hits = 81, .trials = 263}.interval(0.95);
  EXPECT_NEAR(low, .2527, .0001);
  EXPECT_NEAR(high, .3676, .0001);
  const auto [none_low, none_high] = Proportion{.hits = 0, .trials = 20}.interval(0.95);
  EXPECT_EQ(none_low, 0);
  EXPECT_NEAR(none_high, .1684, .0001);
  EXPECT_EQ((Proportion{.hits = 20, .trials = 20}.interval(0.95).second), 1);
  EXPECT_EQ((Proportion{}.interval(0.95)), (std::pair<double, double>{0, 1}));
}

// The whole command, so short that it can say nothing.
TEST(Selftest, MeasuresSimulatesAndPrints) {
  const contend::testing::TemporaryFolder folder;
  const std::string suite = folder.file("tiny.json", R"({"name": "tiny", "rounds": 1, "cells": [
    {"workload": "fib", "engines": ["epoll"], "parameters": {"n": 20, "jobs": 5}}]})");
  const Guard guard;
  Child child(guard, {.arguments = {CONTEND_BINARY, "selftest", "--suite", suite, "--out",
                                    folder.path() / "out", "--budget", "1500ms", "--suites", "20",
                                    "--slowdowns", "50", "--json"}});
  const nlohmann::json report = child.read(Clock::now() + 60s, {}, {});
  EXPECT_LE(child.wait(Clock::now() + 60s).number, 1);
  Child validator(guard,
                  {.arguments = {"/usr/bin/python3", CONTEND_SOURCE_DIR "/scripts/validate.py",
                                 folder.file("selftest.json", report.dump())}});
  EXPECT_TRUE(validator.wait(Clock::now() + 60s).clean()) << validator.stderr_text();
  EXPECT_EQ(report.at("false_alarms").at("trials"), 20);
  EXPECT_EQ(report.at("folders").size(), 2U);
  EXPECT_EQ(report.at("slowdowns").size(), 2U);
}

}  // namespace
}  // namespace contend::ab
