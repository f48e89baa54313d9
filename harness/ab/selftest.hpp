// contend selftest: how often `contend ab` raises a false alarm on this machine, and how often it
// finds a slowdown that is there. It compares contend-engine with itself, and with itself slowed
// down by a known share, and simulates many suites from the slices that it has recorded.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/ab/options.hpp"
#include "harness/ab/replay.hpp"
#include "harness/stats/proportion.hpp"

namespace contend::ab {

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
int run_command(const SelftestOptions& options, const std::vector<std::string>& command);

}  // namespace contend::ab
