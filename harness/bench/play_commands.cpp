// contend list, serve and run: one engine and one workload at a time.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/exit_codes.hpp"
#include "engines/net.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/json.hpp"
#include "harness/base/table.hpp"
#include "harness/base/text.hpp"
#include "harness/bench/cell.hpp"
#include "harness/bench/commands.hpp"
#include "harness/bench/progress.hpp"
#include "harness/bench/result.hpp"
#include "harness/process/child.hpp"
#include "harness/process/manifest.hpp"
#include "workloads/json_text.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

/// The one cell that was asked for, checked like a suite's.
Cell cell_of(const RunCommandOptions& options, const Host& host) {
  Suite::Entry entry{.where = "the command line",
                     .workload = options.workload,
                     .engines = {options.engine},
                     .outside = true,
                     .connections = {},
                     .options = {.parameters = Parameters::parse(options.settings),
                                 .variant = "",
                                 .window = std::chrono::milliseconds(options.window_ms),
                                 .warmup = std::chrono::milliseconds(options.warmup_ms),
                                 .workers = options.workers,
                                 .spin = std::chrono::microseconds(options.spin_us),
                                 .delay = std::chrono::microseconds(options.delay_us)}};
  if (has_connections(host.workload(options.workload).role))
    entry.connections = {options.connections};
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
  fmt::print("{}: {} samples, {} failed, {} client-limited\n{}", terminal_text(cell.cell.id()),
             cell.samples, cell.failed_samples, cell.client_limited_samples,
             cell.metrics.empty() ? "" : aligned(rows));
  for (const auto& [kind, count] : cell.errors) fmt::print("{} {}\n", count, terminal_text(kind));
  if (cell.reason) fmt::print("{}: {}\n", to_string(cell.status), terminal_text(*cell.reason));
}

std::string described(const HostEngine& engine) {
  return fmt::format("{}{}{}", engine.summary, engine.outside() ? " (outside)" : "",
                     engine.unavailable ? " (not available: " + *engine.unavailable + ")" : "");
}

void print_list(const Host& host) {
  std::vector<std::vector<std::string>> engines{{"engine", ""}}, workloads{{"workload", ""}};
  for (const HostEngine& engine : host.engines) engines.push_back({engine.name, described(engine)});
  for (const HostWorkload& workload : host.workloads) {
    workloads.push_back(
        {workload.name, fmt::format("{} ({})", workload.summary, to_string(workload.role))});
    for (const HostParameter& parameter : workload.parameters)
      workloads.push_back(
          {fmt::format("  {}={}", parameter.name, parameter.fallback), "  " + parameter.meaning});
  }
  fmt::print("{}\n{}", aligned(engines), aligned(workloads));
}

nlohmann::json named(const std::set<std::pair<Role, std::string>>& played) {
  nlohmann::json by_role = nlohmann::json::object();
  for (const auto& [role, workload] : played) by_role[to_string(role)].push_back(workload);
  return by_role;
}

/// The host's own words, with whether an engine is outside, and the outside engines.
nlohmann::json whole_listing(const Guard& guard, const Programs& programs, const StopToken& stop) {
  nlohmann::json listing = ask_listing(guard, {programs.host}, stop);
  Host host = parse_host(listing, {programs.host});
  for (nlohmann::json& engine : listing.at("engines")) engine["outside"] = false;
  add_outside(host, outside_engines(programs.external));
  for (const HostEngine& engine : host.engines) {
    if (!engine.outside()) continue;
    nlohmann::json roles = nlohmann::json::array();
    for (const Role role : engine.roles) roles.push_back(to_string(role));
    listing["engines"].push_back({{"name", engine.name},
                                  {"summary", engine.summary},
                                  {"charted", engine.charted},
                                  {"roles", roles},
                                  {"plays", named(engine.played)},
                                  {"scales", engine.scales},
                                  {"spins", engine.spins},
                                  {"delays", engine.delays},
                                  {"outside", true},
                                  {"unavailable", nullable(engine.unavailable)}});
  }
  return listing;
}

/// The command that serves, but for where it listens. What an outside engine is asked for must be
/// in its manifest; a host sees to that itself.
std::vector<std::string> serve_command(const ServeCommandOptions& options,
                                       const Programs& programs) {
  const Interruption interruption;
  const Guard guard;
  const Host host = ask_programs(guard, programs, interruption.token());
  const HostEngine& engine = host.engine(options.engine);
  const HostWorkload& workload = host.workload(options.workload);
  if (engine.unavailable) throw ChildUnavailable(*engine.unavailable);
  const bool has_options = options.workers > 1 || options.spin_us > 0 || options.delay_us > 0;
  if (engine.outside() && (!engine.plays(Role::serve, workload.name) || has_options))
    throw std::invalid_argument(
        fmt::format("engine '{}' can't serve {} with these options", engine.name, workload.name));
  std::vector<std::string> arguments = engine.command;
  arguments.insert(arguments.end(), {"serve", engine.name, workload.name});
  const auto add = [&](const char* flag, auto value) {
    arguments.insert(arguments.end(), {flag, fmt::format("{}", value)});
  };
  if (options.workers > 1) add("--workers", options.workers);
  if (options.spin_us > 0) add("--spin-us", options.spin_us);
  if (options.delay_us > 0) add("--delay-us", options.delay_us);
  const auto given = Parameters::parse(options.settings);
  for (const auto& [name, value] : workload.complete(given, "the command line"))
    add("--set", fmt::format("{}={}", name, value));
  return arguments;
}

/// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port() {
  return port_of(listen_on(Endpoint::loopback(0)));
}

}  // namespace

int list(bool json, const Programs& programs) {
  const Interruption interruption;
  const Guard guard;
  const StopToken stop = interruption.token();
  if (json)
    fmt::print("{}\n", json_text(whole_listing(guard, programs, stop)));
  else
    print_list(ask_programs(guard, programs, stop));
  return 0;
}

int serve(const ServeCommandOptions& options, const Programs& programs) {
  std::vector<std::string> arguments = serve_command(options, programs);
  const unsigned port = options.port != 0 ? options.port : free_port();
  arguments.insert(arguments.end(), {"--listen", fmt::format("127.0.0.1:{}", port)});
  if (!options.json)
    fmt::print(stderr,
               "talk to it with   curl -i http://127.0.0.1:{0}/   (HTTP)   or   nc 127.0.0.1 {0}   "
               "(lines); Ctrl-C ends it\n",
               port);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  throw_errno("starting " + arguments[0]);
}

int run(const RunCommandOptions& options, const Programs& programs) {
  const Interruption interruption;
  const Guard guard;
  const StopToken stop = interruption.token();
  const Host host = ask_programs(guard, programs, stop);
  const Cell cell = cell_of(options, host);
  const Bench bench{.guard = guard,
                    .host = host,
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
    fmt::print("{}\n", json_text(to_json(result, samples)));
  else if (options.percentiles)
    fmt::print("{}", merged_latency(cell, samples).percentile_text());
  else
    print_metrics(result);
  if (interrupted) return exit_interrupted;
  if (result.samples > 0) return 0;
  return result.status == CellResult::Status::skipped ? exit_unavailable : exit_failed;
}

}  // namespace contend
