// What the command line can ask for. Each returns the exit code; errors are thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/bench/suite_run.hpp"
#include "harness/process/programs.hpp"

namespace contend {

struct BenchOptions : SuiteOptions {
  bool json = false;
};
/// As exit_code_of.
int bench(const BenchOptions& options, const Programs& programs,
          const std::vector<std::string>& command);

struct CourseOptions : SuiteOptions {
  std::vector<std::string> items;  ///< By name; empty: all.
  bool json = false;
};
/// The same, and 1 where something was not as the course says.
int course(const CourseOptions& options, const Programs& programs,
           const std::vector<std::string>& command);

/// How `serve` and `run` are told what to play.
struct PlayOptions {
  std::string engine, workload;
  std::vector<std::string> settings;  ///< NAME=VALUE
  unsigned workers = 1;
  std::uint64_t spin_us = 0, delay_us = 0;
  bool json = false;
};

struct ServeCommandOptions : PlayOptions {
  unsigned port = 0;  ///< 0: one that is free.
};
/// Becomes the host; returns only by throwing.
int serve(const ServeCommandOptions& options, const Programs& programs);

struct RunCommandOptions : PlayOptions {
  unsigned connections = 64, rounds = 1;
  std::int64_t window_ms = 1000, warmup_ms = 200;
  bool percentiles = false;  ///< All samples' latency as HdrHistogram's text, and nothing else.
};
/// 1 when no sample is good, 77 when the engine is not available here.
int run(const RunCommandOptions& options, const Programs& programs);

int list(bool json, const Programs& programs);

}  // namespace contend
