// The options of contend ab, contend compare and contend selftest: names, ranges and help.
#include "harness/ab/options.hpp"

#include <CLI/CLI.hpp>

#include "engines/command_line.hpp"
#include "harness/ab/metrics.hpp"
#include "harness/base/time_option.hpp"

namespace contend::ab {

void add_verdict_options(CLI::App& command, VerdictOptions& options) {
  command
      .add_option(
          "--smallest", options.smallest_effects,
          "Ignore changes of a metric below this percentage [2; latency_p99_ns 15, memory 5, "
          "instructions 1]")
      ->type_name("NAME=PERCENT");
  command
      .add_option("--alpha", options.alpha_percent,
                  "Probability in percent of one or more false alarms in the whole suite")
      ->check(in_range(1e-6, 50.0))
      ->capture_default_str();
  command.add_flag("--inconclusive-ok", options.inconclusive_ok,
                   "Exit with 0 instead of 3 if something is inconclusive or invalid");
  command.add_flag("--json", options.json, "Print the comparison as JSON instead of a table");
}

void add_options(CLI::App& command, AbOptions& options) {
  command.add_option("--base", options.base, "Host to compare with: a program or a command")
      ->required()
      ->type_name("COMMAND");
  command
      .add_option("--head", options.head, "Host to judge [contend-engine in contend's own folder]")
      ->type_name("COMMAND");
  CLI::Option* const instructions = command.add_flag(
      "--instructions", options.instructions,
      "Compare the instruction counts of two contend-cases programs under valgrind: "
      "BASE and HEAD, or those in their folders");
  CLI::Option* const micro =
      command.add_flag("--micro", options.micro,
                       "BASE and HEAD are Google Benchmark programs: compare their benchmarks");
  instructions->excludes(micro);
  command.add_option("--base-name", options.base_name,
                     "Name of the base in tables, such as a revision");
  command.add_option("--head-name", options.head_name, "Name of the head in tables");
  command
      .add_option("--suite", options.suite,
                  "Suite to measure: ab, another one by name, or a .json file")
      ->capture_default_str();
  command.add_option("--engines", options.selection.engines, "Measure only these engines")
      ->delimiter(',');
  command
      .add_option("--workloads", options.selection.workloads,
                  "Measure only these workloads (or benchmarks, or cases)")
      ->delimiter(',');
  command.add_option("--metrics", options.metrics, "Compare only these metrics")->delimiter(',');
  add_time(command, "--budget", options.budget, "Maximum time for the whole comparison [10m]");
  add_time(command, "--screen", options.screen,
           "Time for each cell, before those in doubt are measured again [20s]");
  add_time(command, "--slice", options.slice,
           "Time for which one server is measured before the other has its turn [100ms]");
  command
      .add_option("--noise", options.noise_percent,
                  "Discard a slice if other processes used more than this percentage of the CPUs")
      ->check(in_range(0.1, 100.0))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Seed for the order of measurements [random]")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
  command.add_option("--out", options.out, "Create the run's folder in this folder")
      ->capture_default_str();
  add_verdict_options(command, options);
  for (const char* name : {"--suite", "--engines"}) micro->excludes(command.get_option(name));
  // What is exact needs neither time nor statistics.
  for (const char* name :
       {"--suite", "--engines", "--budget", "--screen", "--slice", "--noise", "--alpha"})
    instructions->excludes(command.get_option(name));
}

void add_options(CLI::App& command, CompareOptions& options) {
  command.add_option("BASE", options.base, "Result to compare with: its folder or its result.json")
      ->required();
  command.add_option("NEW", options.head, "Result to judge: its folder or its result.json")
      ->required();
  add_verdict_options(command, options);
}

void add_options(CLI::App& command, SelftestOptions& options) {
  command
      .add_option("--suite", options.suite,
                  "Suite to measure: ab, another one by name, or a .json file")
      ->capture_default_str();
  command.add_option("--engines", options.selection.engines, "Measure only these engines")
      ->delimiter(',');
  command.add_option("--workloads", options.selection.workloads, "Measure only these workloads")
      ->delimiter(',');
  add_time(command, "--budget", options.budget, "Maximum time for one suite [15m]");
  add_time(command, "--screen", options.screen,
           "Part of that time for each cell, before those in doubt are measured again [20s]");
  command
      .add_option("--slowdowns", options.slowdowns,
                  "Percentages by which the head is made slower [2,5,10]")
      ->delimiter(',')
      ->check(in_range(0.1, 500.0));
  command
      .add_option("--suites", options.suites,
                  "Number of simulated suites for each slowdown and for none")
      ->check(in_range(1U, 1'000'000U))
      ->capture_default_str();
  command
      .add_option("--from", options.from,
                  "Simulate from this result of contend ab, which compared a program with itself "
                  "[measure one first]")
      ->type_name("DIR");
  command.add_flag(
      "--only-simulate", options.only_simulate,
      "Only simulate: measure no suite with a slowdown (each takes the whole --budget)");
  command
      .add_option("--alpha", options.alpha_percent,
                  "Probability in percent of one or more false alarms in a suite")
      ->check(in_range(1e-6, 50.0))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Seed for the simulation")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}))
      ->capture_default_str();
  command.add_option("--out", options.out, "Create the runs' folders in this folder")
      ->capture_default_str();
  command.add_flag("--json", options.json, "Print the report as JSON instead of tables");
}

}  // namespace contend::ab
