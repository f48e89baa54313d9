// contend selftest.
#include "harness/ab/selftest.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engines/command_line.hpp"
#include "harness/ab/run.hpp"
#include "harness/fields.hpp"
#include "harness/files.hpp"
#include "harness/interruption.hpp"
#include "harness/live_line.hpp"
#include "harness/programs.hpp"
#include "harness/time_option.hpp"
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

int carry_out(const SelftestOptions& options, const std::vector<std::string>& command) {
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

void add_options(CLI::App& command, SelftestOptions& options) {
  command.add_option("--suite", options.suite, "ab, or another one, or a .json file")
      ->capture_default_str();
  command.add_option("--engines", options.selection.engines, "these only")->delimiter(',');
  command.add_option("--workloads", options.selection.workloads, "these only")->delimiter(',');
  add_time(command, "--budget", options.budget, "the longest that a suite may take [15m]");
  add_time(command, "--screen", options.screen, "of that for each cell's screen [20s]");
  command
      .add_option("--slowdowns", options.slowdowns,
                  "by how many per cent the head is slower [2,5,10]")
      ->delimiter(',')
      ->check(in_range(0.1, 500.0));
  command.add_option("--suites", options.suites, "simulated, of each slowdown and of none")
      ->check(in_range(1U, 1'000'000U))
      ->capture_default_str();
  command
      .add_option(
          "--from", options.from,
          "simulate from this folder of contend ab of one program with itself [measure one]")
      ->type_name("DIR");
  command.add_flag("--only-simulate", options.only_simulate,
                   "measure no suite with a slowdown, which takes the budget each");
  command
      .add_option("--alpha", options.alpha_percent, "of one false alarm in a suite, in per cent")
      ->check(in_range(1e-6, 50.0))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "of the simulation")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}))
      ->capture_default_str();
  command.add_option("--out", options.out, "where the runs' folders are made")
      ->capture_default_str();
  command.add_flag("--json", options.json, "print the report as JSON instead of tables");
}

}  // namespace contend::ab
