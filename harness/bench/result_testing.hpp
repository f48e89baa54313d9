// For tests: a small result in which something of everything is.
#pragma once

#include "harness/bench/result.hpp"
#include "harness/stats/histogram.hpp"

namespace contend::testing {

inline std::vector<Cell> some_cells() {
  CellOptions options;
  options.parameters = {{"size_bytes", 64}};
  Cell echo{.engine = "one",
            .workload = "echo",
            .role = Role::serve,
            .connections = 4,
            .options = options};
  Cell churn = echo;
  churn.options.variant = "churn";
  const Cell fib{
      .engine = "one", .workload = "fib", .role = Role::run, .connections = 0, .options = {}};
  Cell debug = fib;
  debug.workload = "debug";
  debug.role = Role::lesson;
  return {echo, churn, fib, debug};
}

inline Sample some_sample(const Cell& cell, unsigned round) {
  Histogram histogram;
  histogram.record(std::chrono::microseconds(20));
  Sample sample;
  sample.cell = cell.id();
  sample.round = round;
  sample.at = time_of_day();
  sample.window_ns = 150'000'000;
  sample.operations = 1;
  sample.metrics = {{"throughput_per_s", 6.7}, {"memory_bytes", 8192}, {"fairness_jain", 1}};
  sample.histograms["all"] = histogram.to_json();
  if (!has_connections(cell.role))
    sample.spans = {{.lane = 0, .start_ns = 1, .compute_ns = 2, .finish_ns = {}, .ok = false}};
  if (cell.role == Role::lesson) sample.notes = {"it says so"};
  return sample;
}

inline Result some_result() {
  Result result;
  result.run = {.id = "20261123T081500-mine",
                .suite = "mine",
                .seed = 7,
                .rounds = 2,
                .rounds_finished = 1,
                .complete = false,
                .started_at = "2026-11-23T08:15:00.000Z",
                .finished_at = {},
                .command = {"contend", "bench"}};
  result.machine.kernel = "Linux";
  result.machine.cores = 2;
  result.machine.io_uring = "available";
  result.machine.fingerprint = "0123";
  result.build.engine_binary_sha256 = std::string(64, 'a');
  result.placement.engine_cpus = {0};
  result.placement.load_cpus = {1};
  result.placement.pinned = true;
  result.noise.steal_share = 0.01;
  result.engines = {
      {.name = "one", .summary = "first", .charted = true, .outside = false, .unavailable = {}},
      {.name = "two", .summary = "", .charted = true, .outside = true, .unavailable = "no two"}};
  result.workloads = {
      {.name = "echo", .summary = "", .role = Role::serve, .kinds = {"light", "heavy"}},
      {.name = "fib", .summary = "", .role = Role::run, .kinds = {}},
      {.name = "debug", .summary = "", .role = Role::lesson, .kinds = {}}};
  for (const Cell& cell : some_cells()) result.samples.push_back(some_sample(cell, 0));
  result.samples[0].status = Sample::Status::failed;
  result.samples[0].reason = "crashed";
  result.samples[0].errors = {{"reset", 2}};
  result.cells = aggregate(some_cells(), result.samples);
  return result;
}

}  // namespace contend::testing
