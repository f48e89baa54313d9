// contend list, serve and run: one engine and one workload at a time.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "harness/cell.hpp"
#include "harness/child.hpp"
#include "harness/commands.hpp"
#include "harness/interruption.hpp"
#include "harness/progress.hpp"
#include "harness/result.hpp"
#include "harness/table.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

/// The one cell that was asked for, checked like a suite's.
Cell cell_of(const RunCommandOptions& options, const Host& host) {
  Suite::Entry entry{.where = "the command line",
                     .workload = options.workload,
                     .engines = {options.engine},
                     .connections = {},
                     .options = {.parameters = Parameters::parse(options.settings),
                                 .variant = "",
                                 .window = std::chrono::milliseconds(options.window_ms),
                                 .warmup = std::chrono::milliseconds(options.warmup_ms),
                                 .workers = options.workers,
                                 .spin = std::chrono::microseconds(options.spin_us),
                                 .delay = std::chrono::microseconds(options.delay_us)}};
  if (host.workload(options.workload).role != Role::run) entry.connections = {options.connections};
  const Suite suite{.name = "run", .summary = "", .rounds = options.rounds, .entries = {entry}};
  return expand(suite, host, {}).front();
}

void print_metrics(const CellResult& cell) {
  std::vector<std::vector<std::string>> rows{{"metric", "median", "95 % low", "high", ""}};
  for (const auto& [name, interval] : cell.metrics) {
    const bool time = name.ends_with("_ns") || name.find("_ns_per_") != std::string::npos;
    const auto text = [&](std::optional<double> value) {
      if (!value) return std::string("-");
      return time ? duration_text(*value) : number_text(*value);
    };
    rows.push_back({name, text(interval.median), text(interval.low), text(interval.high), ""});
  }
  fmt::print("{}: {} samples, {} failed, {} client-limited\n{}", cell.cell.id(), cell.samples,
             cell.failed_samples, cell.client_limited_samples,
             cell.metrics.empty() ? "" : aligned(rows));
  for (const auto& [kind, count] : cell.errors) fmt::print("{} {}\n", count, kind);
  if (cell.reason) fmt::print("{}: {}\n", to_string(cell.status), *cell.reason);
}

void print_list(const Host& host) {
  std::vector<std::vector<std::string>> engines{{"engine", ""}}, workloads{{"workload", ""}};
  for (const HostEngine& engine : host.engines)
    engines.push_back(
        {engine.name,
         engine.summary +
             (engine.unavailable ? " (not available: " + *engine.unavailable + ")" : "")});
  for (const HostWorkload& workload : host.workloads) {
    workloads.push_back(
        {workload.name, fmt::format("{} ({})", workload.summary, to_string(workload.role))});
    for (const HostParameter& parameter : workload.parameters)
      workloads.push_back(
          {fmt::format("  {}={}", parameter.name, parameter.fallback), "  " + parameter.meaning});
  }
  fmt::print("{}\n{}", aligned(engines), aligned(workloads));
}

/// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port() {
  return port_of(listen_on(Endpoint::loopback(0)));
}

}  // namespace

int list(bool json, const Programs& programs) {
  if (json) {
    execl(programs.host.c_str(), programs.host.c_str(), "list", nullptr);
    throw std::system_error(errno, std::generic_category(), "starting " + programs.host);
  }
  const Interruption interruption;
  const Guard guard;
  print_list(ask_host(guard, programs.host, interruption.token()));
  return 0;
}

int serve(const ServeCommandOptions& options, const Programs& programs) {
  const unsigned port = options.port != 0 ? options.port : free_port();
  std::vector<std::string> arguments{programs.host,  "serve",
                                     options.engine, options.workload,
                                     "--listen",     fmt::format("127.0.0.1:{}", port),
                                     "--workers",    std::to_string(options.workers)};
  if (options.spin_us > 0)
    arguments.insert(arguments.end(), {"--spin-us", std::to_string(options.spin_us)});
  if (options.delay_us > 0)
    arguments.insert(arguments.end(), {"--delay-us", std::to_string(options.delay_us)});
  for (const std::string& setting : options.settings)
    arguments.insert(arguments.end(), {"--set", setting});
  if (!options.json)
    fmt::print(stderr,
               "talk to it with   curl -i http://127.0.0.1:{0}/   (HTTP)   or   nc 127.0.0.1 {0}   "
               "(lines); Ctrl-C ends it\n",
               port);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  throw std::system_error(errno, std::generic_category(), "starting " + programs.host);
}

int run(const RunCommandOptions& options, const Programs& programs) {
  const Interruption interruption;
  const Guard guard;
  const StopToken stop = interruption.token();
  const Cell cell = cell_of(options, ask_host(guard, programs.host, stop));
  const Bench bench{.guard = guard,
                    .host = programs.host,
                    .origin = programs.origin,
                    .load = programs.harness,
                    .placement = choose_placement(cores_allowed()),
                    .stop = stop};
  constexpr Duration worth_a_line = std::chrono::seconds(2);
  const bool is_long = estimate(cell) * options.rounds > worth_a_line;
  std::vector<Sample> samples;
  bool interrupted = false;
  try {
    Progress progress({cell}, {options.rounds}, options.rounds, is_long ? stderr : nullptr);
    for (unsigned round = 0; round < options.rounds; ++round) {
      progress.begin(round, 0);
      samples.push_back(measure(bench, cell));
      samples.back().round = round;
      progress.end(0, samples.back());
    }
  } catch (const Interrupted&) {
    if (samples.empty()) return exit_interrupted;
    interrupted = true;
  }
  const CellResult result = aggregate({cell}, samples).front();
  if (options.json)
    fmt::print("{}\n", to_json(result, samples).dump());
  else if (options.percentiles)
    fmt::print("{}", merged_latency(cell, samples).percentile_text());
  else
    print_metrics(result);
  if (interrupted) return exit_interrupted;
  if (result.samples > 0) return 0;
  return result.status == CellResult::Status::skipped ? exit_unavailable : 1;
}

}  // namespace contend
