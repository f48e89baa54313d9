// What the command line can ask for. Each returns the exit code; errors are thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/programs.hpp"
#include "harness/suite_run.hpp"

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

struct LoadCommandOptions {
  std::string url;
  std::uint32_t connections = 64, threads = 1, pipeline = 1, size_bytes = 64;
  Duration duration = std::chrono::seconds(10), timeout = std::chrono::seconds(5);
  std::uint64_t requests = 0, keep_alive = 0;  ///< 0: no limit.
  std::string method, body_file;               ///< Empty: GET, or POST with a body; no file.
  std::vector<std::string> fields;             ///< "Name: value"
  std::optional<std::string> body, expected_body;
  int expected_status = 0;           ///< 0: any from 200 to 399.
  std::optional<double> rate_per_s;  ///< An open loop.
  std::string arrivals = "uniform", pace = "sleep";
  std::optional<std::uint64_t> seed;
  bool json = false, histogram = false;
  std::string csv;  ///< The file of the seconds; -: standard output.
};
/// 1 when nothing was answered rightly, 3 when the figures are not to be trusted.
int load_url(const LoadCommandOptions& options);

int list(bool json, const Programs& programs);

}  // namespace contend
