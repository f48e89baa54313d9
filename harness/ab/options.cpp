// The options of contend ab, contend compare and contend selftest: names, ranges and help.
#include "harness/ab/options.hpp"

#include <CLI/CLI.hpp>

#include "engines/command_line.hpp"
#include "harness/ab/metrics.hpp"
#include "harness/base/time_option.hpp"

namespace contend::ab {

void add_verdict_options(CLI::App& command, VerdictOptions& options) {
  command
      .add_option("--smallest", options.smallest_effects,
                  "less than so many per cent of a metric does not matter [2; latency_p99_ns 15, "
                  "memory 5, instructions 1]")
      ->type_name("NAME=PERCENT");
  command
      .add_option("--alpha", options.alpha_percent,
                  "how likely one false alarm in the whole suite may be, in per cent")
      ->check(in_range(1e-6, 50.0))
      ->capture_default_str();
  command.add_flag("--inconclusive-ok", options.inconclusive_ok,
                   "exit with 0 where something is inconclusive or invalid, in place of 3");
  command.add_flag("--json", options.json, "print the comparison as JSON instead of a table");
}

void add_options(CLI::App& command, AbOptions& options) {
  command
      .add_option("--base", options.base, "the host that is compared with: a program or a command")
      ->required()
      ->type_name("COMMAND");
  command
      .add_option("--head", options.head, "the host that is judged [contend-engine beside this]")
      ->type_name("COMMAND");
  CLI::Option* const instructions =
      command.add_flag("--instructions", options.instructions,
                       "count the instructions of contend-cases, beside BASE and HEAD or these "
                       "themselves, under valgrind");
  CLI::Option* const micro =
      command.add_flag("--micro", options.micro,
                       "BASE and HEAD are programs made with Google Benchmark: compare these");
  instructions->excludes(micro);
  command.add_option("--base-name", options.base_name, "what to call it, such as a revision");
  command.add_option("--head-name", options.head_name, "likewise");
  command.add_option("--suite", options.suite, "ab, or another one, or a .json file")
      ->capture_default_str();
  command.add_option("--engines", options.selection.engines, "these only")->delimiter(',');
  command
      .add_option("--workloads", options.selection.workloads,
                  "these only; likewise benchmarks and cases")
      ->delimiter(',');
  command.add_option("--metrics", options.metrics, "these only")->delimiter(',');
  add_time(command, "--budget", options.budget, "the longest that all may take [10m]");
  add_time(command, "--screen", options.screen,
           "for each cell, before those in doubt are measured again [20s]");
  add_time(command, "--slice", options.slice, "how long one server is measured at a time [100ms]");
  command
      .add_option("--noise", options.noise_percent,
                  "a slice is left out in which others had more than so many per cent of the CPUs")
      ->check(in_range(0.1, 100.0))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "of the order [a new one]")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
  command.add_option("--out", options.out, "where the run's folder is made")->capture_default_str();
  add_verdict_options(command, options);
  for (const char* name : {"--suite", "--engines"}) micro->excludes(command.get_option(name));
  // What is exact needs neither time nor statistics.
  for (const char* name :
       {"--suite", "--engines", "--budget", "--screen", "--slice", "--noise", "--alpha"})
    instructions->excludes(command.get_option(name));
}

void add_options(CLI::App& command, CompareOptions& options) {
  command.add_option("BASE", options.base, "a result: its folder, or its result.json")->required();
  command.add_option("NEW", options.head, "the one that is judged")->required();
  add_verdict_options(command, options);
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
