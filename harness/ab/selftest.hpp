// contend selftest: how often `contend ab` raises a false alarm on this machine, and how often it
// finds a slowdown that is there. It compares contend-engine with itself, and with itself slowed
// down by a known share, and simulates many suites from the slices that it has recorded.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/ab/proportion.hpp"
#include "harness/ab/replay.hpp"
#include "harness/suite.hpp"

namespace contend::ab {

struct SelftestOptions {
  std::string suite = "ab";
  Selection selection;
  Duration budget = std::chrono::minutes(15);  ///< Of each suite, measured or simulated.
  Duration screen = std::chrono::seconds(20);
  std::vector<double> slowdowns{2, 5, 10};  ///< In per cent.
  unsigned suites = 2000;                   ///< Simulated, of each slowdown and of none.
  std::string from;  ///< A folder of contend ab of a program with itself; empty: one is measured.
  bool only_simulate = false;  ///< No suite with a slowdown is measured.
  double alpha_percent = 1;
  std::uint64_t seed = 1;
  std::string out = "results";
  bool json = false;
};

void add_options(CLI::App& command, SelftestOptions& options);

/// How often a slowdown, or none, was found in one metric of one cell.
struct Found {
  std::string cell, metric;
  Proportion simulated{};  ///< REGRESSED, of all simulated comparisons.
  Proportion measured{};   ///< REGRESSED, of those measured with the slowdown built in.
  Proportion covered{};    ///< Of those measured and not invalid, the interval holds the truth.
  std::optional<double> estimate{};  ///< Of the one that was measured last, as a ratio of costs.
};

struct SlowdownFound {
  double percent = 0;  ///< 0: none, and what is found is a false alarm.
  std::vector<Found> found{};
};

struct SelftestReport {
  std::size_t cells = 0, comparisons = 0;
  Duration budget{};
  double alpha = 0.01;
  Proportion alarms{};           ///< Simulated suites without a slowdown that have any REGRESSED.
  Proportion measured_alarms{};  ///< Likewise of those measured.
  std::vector<SlowdownFound> slowdowns{};
  std::string fingerprint;             ///< Of the machine.
  std::vector<std::string> folders{};  ///< Of what was measured.
};

/// Simulates `options.suites` suites without a slowdown and with each. `progress` is told the share
/// that is done.
void simulate(const Replay& replay, const SelftestOptions& options, SelftestReport& report,
              const std::function<void(double share)>& progress);
/// Takes in a suite that was measured with that slowdown; 0: none.
void take_measured(const AbResult& result, double percent, SelftestReport& report);

nlohmann::json to_json(const SelftestReport& report);
std::string text_of(const SelftestReport& report);

/// Measures, simulates, prints. Exit code 0, or 1 where more than alpha of the simulated suites
/// raised a false alarm, or 130. Throws as run_ab.
int carry_out(const SelftestOptions& options, const std::vector<std::string>& command);

}  // namespace contend::ab
