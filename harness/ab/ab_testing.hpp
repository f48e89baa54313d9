// For tests: a small comparison in which something of everything is.
#pragma once

#include "harness/ab/ab_result.hpp"
#include "harness/bench/result_testing.hpp"

namespace contend::testing {

inline ab::AbResult some_ab_result() {
  const Result circumstances = some_result();
  ab::AbResult result;
  result.run = {.id = "20261126T081500-ab",
                .suite = "ab",
                .seed = 7,
                .interleaved = true,
                .complete = true,
                .slice = std::chrono::milliseconds(100),
                .budget = std::chrono::minutes(10),
                .alpha = 0.01,
                .confidence = 0.95,
                .started_at = "2026-11-26T08:15:00.000Z",
                .finished_at = "2026-11-26T08:24:00.000Z",
                .command = {"contend", "ab"}};
  result.machine = circumstances.machine;
  result.harness = circumstances.build;
  result.placement = circumstances.placement;
  result.noise = {.steal_share = 0.01, .foreign_cpu_share = {}};
  result.base = {.name = "v1", .command = {"old/contend-engine"}, .sha256 = std::string(64, 'b')};
  result.head = {.name = "a <new> & \"better\" one", .command = {"python3", "host.py"}};
  result.cells = {
      {.id = "echo/one/64",
       .engine = "one",
       .workload = "echo",
       .variant = "",
       .role = Role::serve,
       .connections = 64,
       .base = {.good = 80, .failed = 0, .client_limited = 2, .noisy = 1},
       .head = {.good = 80, .failed = 0, .client_limited = 3, .noisy = 0}},
      {.id = "fib/one", .engine = "one", .workload = "fib", .variant = "", .role = Role::run}};
  result.cells[1].head.failed = 12;
  result.cells[1].reason = "head: contend-engine run ended before its report: exit code 3";
  const auto compared = [&](const char* cell, const char* metric, ab::Verdict verdict,
                            std::optional<ab::Ratio> ratio, double base, double head) {
    ab::Comparison comparison{.cell = cell, .metric = metric, .verdict = verdict};
    comparison.pairs = 80;
    comparison.ratio = ratio;
    comparison.p_regressed = verdict == ab::Verdict::regressed ? 1e-9 : 0.5;
    comparison.p_improved = verdict == ab::Verdict::improved ? 1e-9 : 0.5;
    comparison.smallest_effect = 0.02;
    comparison.base = base;
    comparison.head = head;
    result.comparisons.push_back(comparison);
  };
  using enum ab::Verdict;
  compared("echo/one/64", "throughput_per_s", unchanged, ab::Ratio{1.001, 0.995, 1.008}, 1e5,
           9.99e4);
  compared("echo/one/64", "latency_p50_ns", regressed, ab::Ratio{1.05, 1.04, 1.06}, 4e5, 4.2e5);
  result.comparisons.back().confirmed = true;
  compared("echo/one/64", "latency_p99_ns", inconclusive, ab::Ratio{1.1, 0.9, 1.3}, 1e6, 1.1e6);
  result.comparisons.back().reason = "the interval is wider than what matters";
  compared("echo/one/64", "cpu_ns_per_operation", improved, ab::Ratio{0.9, 0.89, 0.91}, 6e3, 5.4e3);
  compared("fib/one", "wall_ns", invalid, std::nullopt, 1e8, 1e8);
  ab::Comparison& last = result.comparisons.back();
  last.reason = "all 12 slices of the head failed";
  last.pairs = 0;
  last.excluded_pairs = 12;
  last.base = last.head = last.p_regressed = last.p_improved = std::nullopt;
  return result;
}

}  // namespace contend::testing
