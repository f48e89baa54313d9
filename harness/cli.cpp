// The command line of contend: names and help, and nothing that it does itself.
#include "harness/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>

#include "engines/command_line.hpp"
#include "engines/engine.hpp"
#include "engines/exit_codes.hpp"
#include "harness/ab/command.hpp"
#include "harness/ab/selftest.hpp"
#include "harness/base/build.hpp"
#include "harness/bench/commands.hpp"
#include "harness/export/command.hpp"
#include "harness/history/command.hpp"
#include "harness/load/command.hpp"
#include "harness/load/window.hpp"
#include "harness/machine/doctor.hpp"

namespace contend {
namespace {

constexpr std::int64_t max_window_ms = 600'000;

/// What the command line asked for, and what is to be done about it.
struct Arguments {
  std::string host, external;
  BenchOptions bench;
  CourseOptions course;
  ServeCommandOptions serve;
  RunCommandOptions run;
  load::Options load;
  ab::AbOptions ab;
  ab::CompareOptions compare;
  ab::SelftestOptions selftest;
  exports::Options exported;
  history::Options history;
  bool list_json = false, doctor_json = false;
  std::function<int()> command;
};

CLI::App* add_command(CLI::App& app, Arguments& arguments, const char* name, const char* summary,
                      const char* examples, std::function<int()> command) {
  CLI::App* const added = app.add_subcommand(name, summary);
  added->footer(std::string("Examples:\n") + examples);
  added->callback([&arguments, command] { arguments.command = command; });
  return added;
}

/// A command that starts what is measured.
CLI::App* add_hosting(CLI::App& app, Arguments& arguments, const char* name, const char* summary,
                      const char* examples, std::function<int(const Programs&)> command) {
  CLI::App* const added = add_command(
      app, arguments, name, summary, examples,
      [&arguments, command] { return command(find_programs(arguments.host, arguments.external)); });
  added->add_option(
      "--host", arguments.host,
      "Host program that plays the engines [$CONTEND_HOST, or contend-engine in contend's "
      "own folder]");
  added->add_option("--external", arguments.external,
                    "Folder with the manifests of outside engines [contend's engines/external]");
  return added;
}

/// What every run of a suite can be asked for.
void add_suite_options(CLI::App& command, SuiteOptions& options) {
  command.add_option("--engines", options.selection.engines, "Measure only these engines")
      ->delimiter(',');
  command
      .add_option("--rounds", options.rounds, "Number of samples of each cell [as the suite says]")
      ->check(in_range(1U, max_rounds));
  command
      .add_option("--scale", options.scale,
                  "Multiply the work by this factor, if the suite supports it [as the suite says]")
      ->check(in_range(1e-6, max_scale));
  command.add_option("--seed", options.seed, "Seed for the order of cells in each round [random]")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
  command.add_option("--out", options.out, "Create the run's folder in this folder")
      ->capture_default_str();
  CLI::Option* const resume =
      command.add_option("--resume", options.resume, "Continue the interrupted run in this folder");
  for (const char* name : {"--engines", "--rounds", "--scale", "--seed", "--out"})
    resume->excludes(name);
}

void add_bench(CLI::App& app, Arguments& arguments, const std::vector<std::string>& words) {
  BenchOptions& options = arguments.bench;
  CLI::App* const command = add_hosting(
      app, arguments, "bench", "Measure a suite: every engine on every workload, in rounds",
      "  contend bench\n"
      "  contend bench --suite smoke --engines threads,epoll --workloads echo\n"
      "  contend bench --resume results/latest\n",
      [&options, words](const Programs& programs) { return bench(options, programs, words); });
  add_suite_options(*command, options);
  CLI::Option* const resume = command->get_option("--resume");
  resume->excludes(command
                       ->add_option("--suite", options.suite,
                                    "Suite to measure: smoke, bench, full, course, or a .json file")
                       ->capture_default_str());
  resume->excludes(
      command
          ->add_option("--workloads", options.selection.workloads, "Measure only these workloads")
          ->delimiter(','));
  command->add_flag("--json", options.json, "Print the result as JSON instead of tables");
}

void add_course(CLI::App& app, Arguments& arguments, const std::vector<std::string>& words) {
  CourseOptions& options = arguments.course;
  CLI::App* const command = add_hosting(
      app, arguments, "course",
      "Repeat every comparison of an asyncio course in C++ and in Python, and check its claims",
      "  contend course\n"
      "  contend course --items fib,cancelling --scale 0.1\n"
      "  contend course --engines epoll,python-asyncio --json\n",
      [&options, words](const Programs& programs) { return course(options, programs, words); });
  command->add_option("--items", options.items, "Measure only these comparisons")->delimiter(',');
  add_suite_options(*command, options);
  command->add_flag("--json", options.json, "Print the comparisons as JSON instead of tables");
}

void add_play(CLI::App& command, PlayOptions& options) {
  command.add_option("ENGINE", options.engine, "Engine to use (see contend list)")->required();
  command.add_option("WORKLOAD", options.workload, "Workload to use (see contend list)")
      ->required();
  command
      .add_option("--workers", options.workers,
                  "Number of event loops, if the engine supports more than one")
      ->check(in_range(1U, 1024U))
      ->capture_default_str();
  command
      .add_option("--spin-us", options.spin_us,
                  "Poll for this time before sleeping, in microseconds")
      ->check(in_range(std::uint64_t{0}, max_spin_us));
  command
      .add_option("--delay-us", options.delay_us,
                  "Delay of each answer in microseconds (engine delay only)")
      ->check(in_range(std::uint64_t{0}, max_delay_us));
  command.add_option("--set", options.settings, "Set a parameter of the workload, as NAME=INTEGER");
  command.add_flag("--json", options.json, "Print JSON only");
}

void add_serve(CLI::App& app, Arguments& arguments) {
  ServeCommandOptions& options = arguments.serve;
  CLI::App* const command =
      add_hosting(app, arguments, "serve",
                  "Start an engine as a server of a workload, to talk to it with your own client",
                  "  contend serve epoll http --port 8080\n"
                  "  contend serve threads echo\n",
                  [&options](const Programs& programs) { return serve(options, programs); });
  add_play(*command, options);
  command->add_option("--port", options.port, "Port on 127.0.0.1 [a free one]")
      ->check(in_range(0U, 65535U));
}

void add_run(CLI::App& app, Arguments& arguments) {
  RunCommandOptions& options = arguments.run;
  CLI::App* const command = add_hosting(
      app, arguments, "run", "Measure one engine on one workload, and print every metric",
      "  contend run epoll echo --connections 64 --set size_bytes=1024\n"
      "  contend run threads fib --set n=30 --rounds 5\n"
      "  contend run io_uring http --percentiles > http.hgrm\n",
      [&options](const Programs& programs) { return run(options, programs); });
  add_play(*command, options);
  CLI::Option* const percentiles =
      command->add_flag("--percentiles", options.percentiles,
                        "Print the latency in HdrHistogram's percentile format");
  percentiles->excludes("--json");
  command
      ->add_option("--connections", options.connections,
                   "Number of concurrent connections, if the workload has any")
      ->check(in_range(1U, 65536U))
      ->capture_default_str();
  command->add_option("--rounds", options.rounds, "Number of samples")
      ->check(in_range(1U, max_rounds))
      ->capture_default_str();
  command->add_option("--window-ms", options.window_ms, "Length of a sample in milliseconds")
      ->check(in_range(std::int64_t{1}, max_window_ms))
      ->capture_default_str();
  command
      ->add_option("--warmup-ms", options.warmup_ms,
                   "Load for this time before each sample, and discard it, in milliseconds")
      ->check(in_range(std::int64_t{0}, max_window_ms))
      ->capture_default_str();
}

void add_load(CLI::App& app, Arguments& arguments) {
  load::Options& options = arguments.load;
  CLI::App* const command = add_command(
      app, arguments, "load", "Load any HTTP or echo server, and check its answers",
      "  contend load http://127.0.0.1:8080/\n"
      "  contend load http://127.0.0.1:8080/ --rate 2000 --duration 30s\n"
      "  contend load http://127.0.0.1:8080/users -H 'Accept: text/plain' --body name=x "
      "--expect 201\n"
      "  contend load http://127.0.0.1:8080/ --ramp 100:5000:1m --csv seconds.csv\n"
      "  contend load http://127.0.0.1:8080/ --exec 'python3 -m http.server 8080'\n"
      "  contend load http://127.0.0.1:8080/ --find-max 'p99<20ms,errors<0.1%' --plot max\n"
      "  contend load tcp://127.0.0.1:7777 --size 1024 --pipeline 8 --json\n"
      "  mpirun -n 4 contend load http://127.0.0.1:8080/ --connections 1000\n",
      [&options] { return load::run_command(options); });
  load::add_options(*command, options);
}

void add_ab(CLI::App& app, Arguments& arguments, const std::vector<std::string>& words) {
  ab::AbOptions& options = arguments.ab;
  CLI::App* const command = add_command(
      app, arguments, "ab",
      "Tell whether one build is slower than another, by measuring both in turns",
      "  contend ab --base old/contend-engine --head build/release/contend-engine\n"
      "  contend ab --base old/contend-engine --budget 4m --workloads echo,fib\n"
      "  contend ab --base 'python3 old_host.py' --head 'python3 new_host.py' --suite mine.json\n"
      "  contend ab --base old/contend-engine --smallest latency_p99_ns=10 --json > ab.json\n"
      "  contend ab --instructions --base old/contend-cases --head build/release/contend-cases\n"
      "  contend ab --micro --base old/histogram_benchmark --head "
      "build/release/histogram_benchmark\n"
      "Exit codes: 0 nothing regressed; 1 something regressed; 2 wrong use, or nothing could be "
      "compared;\n"
      "3 something is inconclusive or invalid. make ab BASE=REVISION builds the base itself.\n",
      [&options, words] { return ab::run_command(options, words); });
  ab::add_options(*command, options);
}

void add_compare(CLI::App& app, Arguments& arguments) {
  ab::CompareOptions& options = arguments.compare;
  CLI::App* const command = add_command(
      app, arguments, "compare", "Compare two stored results (contend ab is far more sensitive)",
      "  contend compare results/20261126T081500-bench results/latest\n"
      "  contend compare old/result.json new/result.json --json\n"
      "Exit codes: as for contend ab, which measures both in turns and finds much smaller "
      "changes.\n",
      [&options] { return ab::run_command(options); });
  ab::add_options(*command, options);
}

void add_selftest(CLI::App& app, Arguments& arguments, const std::vector<std::string>& words) {
  ab::SelftestOptions& options = arguments.selftest;
  CLI::App* const command = add_command(
      app, arguments, "selftest",
      "Measure how often contend ab is wrong on this machine, in both directions (an hour)",
      "  contend selftest\n"
      "  contend selftest --workloads echo,fib --slowdowns 5 --budget 5m\n"
      "  contend selftest --from results/latest --only-simulate --suites 5000\n"
      "Exit codes: 0 no more than alpha of the simulated suites raised a false alarm; "
      "1 more of them did.\n",
      [&options, words] { return ab::run_command(options, words); });
  ab::add_options(*command, options);
}

void add_export(CLI::App& app, Arguments& arguments) {
  exports::Options& options = arguments.exported;
  CLI::App* const command =
      add_command(app, arguments, "export", "Write a result or a comparison in another format",
                  "  contend export results/latest --format markdown\n"
                  "  contend export results/latest --format junit --out junit.xml\n"
                  "  contend export results/2026*-bench --format csv --out samples.csv\n",
                  [&options] { return exports::run_command(options); });
  exports::add_options(*command, options);
}

void add_history(CLI::App& app, Arguments& arguments) {
  history::Options& options = arguments.history;
  CLI::App* const command = add_command(
      app, arguments, "history",
      "Store the results of contend ab by commit, and find the commits that changed them",
      "  contend history add results/latest\n"
      "  contend history show\n"
      "  contend history check --last 5\n"
      "  contend history export --format csv\n",
      [&options] { return history::run_command(options); });
  history::add_commands(*command, options);
}

void add_list(CLI::App& app, Arguments& arguments) {
  CLI::App* const command = add_hosting(
      app, arguments, "list", "List the engines, the workloads and their parameters",
      "  contend list\n",
      [&arguments](const Programs& programs) { return list(arguments.list_json, programs); });
  command->add_flag("--json", arguments.list_json, "Print JSON");
}

void add_doctor(CLI::App& app, Arguments& arguments) {
  CLI::App* const command =
      add_command(app, arguments, "doctor",
                  "Check whether this machine is fit for measuring, and say what to change",
                  "  contend doctor\n", [&arguments] { return doctor(arguments.doctor_json); });
  command->add_flag("--json", arguments.doctor_json, "Print JSON");
}

}  // namespace

std::function<int()> parse(int argc, char** argv) {
  const auto owned = std::make_shared<Arguments>();  // lives as long as the command that reads it
  Arguments& arguments = *owned;
  CLI::App app{
      "Which concurrency model wins for this kind of work, and did this commit make it slower?"};
  app.set_version_flag("--version", std::string(build_info().version) + " (" +
                                        std::string(build_info().revision) + ")");
  app.require_subcommand(1);
  add_bench(app, arguments, {argv, argv + argc});
  add_course(app, arguments, {argv, argv + argc});
  add_list(app, arguments);
  add_serve(app, arguments);
  add_run(app, arguments);
  add_load(app, arguments);
  add_ab(app, arguments, {argv, argv + argc});
  add_compare(app, arguments);
  add_selftest(app, arguments, {argv, argv + argc});
  add_export(app, arguments);
  add_history(app, arguments);
  add_doctor(app, arguments);
  load::add_load_window(app, arguments.command);
  try {
    // An empty body is a body, and may be the right one.
    parse_command_line(app, argc, argv, {"--body", "--expect-body"});
  } catch (const CLI::ParseError& error) {
    std::ostringstream output, stderr_text;
    const int code = app.exit(error, output, stderr_text) == 0 ? 0 : exit_wrong_use;
    return [code, output = output.str(), stderr_text = stderr_text.str()] {
      std::cout << output;
      std::cerr << stderr_text;
      return code;
    };
  }
  return [owned] { return owned->command(); };
}

}  // namespace contend
