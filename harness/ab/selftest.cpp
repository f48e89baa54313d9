// contend selftest.
#include "harness/ab/selftest.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engines/exit_codes.hpp"
#include "harness/ab/run.hpp"
#include "harness/base/files.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/json.hpp"
#include "harness/base/live_line.hpp"
#include "harness/process/programs.hpp"
#include "workloads/json_text.hpp"

namespace contend::ab {
namespace {

namespace fs = std::filesystem;

/// Busy work of both sides where one of them is slower. Over loopback a client has as much to do as
/// a server, and where both are busy all the time, what a server costs is not what response times
/// show (docs/statistics.md): so the server gets more to do.
constexpr double percent_of_both = 50;

/// contend-engine beside it slowed down by `percent`. The base has busy work too, of nothing where
/// both are the same, so that what it costs to keep account is on both sides.
AbOptions comparison_with(const SelftestOptions& options, double percent) {
  const std::string engine = find_programs({}, {}).origin;
  const double of_base = percent == 0 ? 0 : percent_of_both;
  const double of_head = (100 + of_base) * (1 + percent / 100) - 100;
  AbOptions ab;
  ab.base = fmt::format("'{}' --slow-percent {:g}", engine, of_base);
  ab.head = fmt::format("'{}' --slow-percent {:g}", engine, of_head);
  ab.base_name =
      percent == 0 ? "contend-engine" : fmt::format("contend-engine slowed by {:g} %", of_base);
  ab.head_name = percent == 0 ? "contend-engine again" : fmt::format("slower by {:g} %", percent);
  ab.suite = options.suite;
  ab.selection = options.selection;
  ab.budget = options.budget;
  ab.screen = options.screen;
  ab.alpha_percent = options.alpha_percent;
  ab.out = options.out;
  return ab;
}

/// Of the sides of a comparison of one program with itself.
Replay replay_of(const fs::path& folder) {
  const auto side = [&](const char* name) {
    const fs::path file = folder / name / "result.json";
    if (!fs::exists(file))
      throw std::invalid_argument(folder.string() + " is no folder of contend ab: there is no " +
                                  file.string());
    return parse_result(parse_json(content_of(file), file.string()), file.string());
  };
  return {side("base"), side("head")};
}

void simulate_all(const Replay& replay, const SelftestOptions& options, SelftestReport& report) {
  LiveLine line(stderr);
  simulate(replay, options, report, [&](double share) {
    line.show(fmt::format("simulating suites  {:.0f} % done", share * 100));
  });
}

}  // namespace

int run_command(const SelftestOptions& options, const std::vector<std::string>& command) {
  SelftestReport report{.budget = options.budget,
                        .alpha = options.alpha_percent / 100,
                        .fingerprint = read_machine().fingerprint};
  fs::path recorded = options.from;
  if (recorded.empty()) {
    // All of the budget as a screen: the longer the record of each cell, the better.
    AbOptions same = comparison_with(options, 0);
    same.screen_only = true;
    const AbRunOutcome outcome = run_ab(same, command);
    if (outcome.interrupted) return exit_interrupted;
    take_measured(outcome.result, 0, report);
    recorded = outcome.folder;
  }
  report.folders.push_back(recorded);
  const Replay replay = replay_of(recorded);
  report.cells = replay.cells();
  report.comparisons = replay.comparisons();
  simulate_all(replay, options, report);
  if (!options.only_simulate) {
    for (const double percent : options.slowdowns) {
      const AbRunOutcome outcome = run_ab(comparison_with(options, percent), command);
      if (outcome.interrupted) return exit_interrupted;
      take_measured(outcome.result, percent, report);
      report.folders.push_back(outcome.folder);
    }
  }
  fmt::print("{}\n", options.json ? json_text(to_json(report)) : text_of(report));
  return report.alarms.value() > report.alpha ? 1 : 0;
}

}  // namespace contend::ab
