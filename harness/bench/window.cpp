// One window of a server under load.
#include "harness/bench/window.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "harness/base/json.hpp"
#include "harness/bench/host_report.hpp"
#include "harness/load/verdict.hpp"
#include "harness/process/child.hpp"
#include "harness/process/process_tree.hpp"

namespace contend {
namespace {

using nlohmann::json;

std::vector<std::string> load_arguments(const Bench& bench, const Cell& cell,
                                        const Endpoint& endpoint) {
  const auto milliseconds = [](Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  };
  std::vector<std::string> arguments{bench.load,
                                     "load-window",
                                     cell.workload,
                                     "--connect",
                                     endpoint.text(),
                                     "--connections",
                                     std::to_string(cell.connections),
                                     "--warmup-ms",
                                     milliseconds(cell.options.warmup),
                                     "--window-ms",
                                     milliseconds(cell.options.window)};
  for (const auto& [name, value] : cell.options.parameters)
    arguments.insert(arguments.end(), {"--set", fmt::format("{}={}", name, value)});
  return arguments;
}

/// The load's next event, which must be of that name.
json expect(const Bench& bench, Child& load, Child& server, const char* event, Duration within) {
  const std::array<Child*, 1> others{&server};
  json line = load.read(Clock::now() + within, others, bench.stop);
  Fields fields(line, "the load's line");
  fields.choice("event", {event});
  return line;
}

/// What the process tree used in the window. The second reading is of an engine that is nearly at
/// rest, since the load is silent from the window's end on: it has answered, at most, the last
/// request of each connection, which counts in its CPU and not as an operation. The first reading
/// is late by the time that the news of the beginning and the reading itself take (milliseconds,
/// where there are hundreds of processes), and what the engine used until then is missing.
struct WindowUsage {
  TreeUsage usage;
  std::optional<double> missing;  ///< The factor that makes up for it; absent: it was far too late.
  std::size_t threads = 1;        ///< Alive at the second reading.
};

WindowUsage usage_in(const TreeReading& first, TimePoint read_at, const TreeReading& last,
                     std::int64_t begins_ns, std::int64_t window_ns) {
  const TimePoint middle = first.at + (read_at - first.at) / 2;
  const std::int64_t late_ns = middle.time_since_epoch().count() - begins_ns;
  WindowUsage used{usage_between(first, last), std::nullopt, last.threads.size()};
  if (late_ns < window_ns / 2)
    used.missing = static_cast<double>(window_ns) /
                   static_cast<double>(window_ns - std::max<std::int64_t>(late_ns, 0));
  return used;
}

void add_usage(const WindowUsage& used, std::size_t cpus, Sample& sample) {
  if (!used.missing) return;
  const double factor = *used.missing / static_cast<double>(sample.operations);
  const auto each = [&](auto measured) {
    return measured ? std::optional(static_cast<double>(*measured) * factor) : std::nullopt;
  };
  const auto each_ns = [&](std::optional<std::chrono::nanoseconds> time) {
    return each(time ? std::optional(time->count()) : std::nullopt);
  };
  auto& metrics = sample.metrics;
  metrics["cpu_ns_per_operation"] = each_ns(used.usage.cpu);
  metrics["cpu_user_ns_per_operation"] = each_ns(used.usage.user);
  metrics["cpu_system_ns_per_operation"] = each_ns(used.usage.system);
  metrics["voluntary_switches_per_operation"] = each(used.usage.voluntary_switches);
  metrics["involuntary_switches_per_operation"] = each(used.usage.involuntary_switches);
  const double busy_cpus = static_cast<double>(used.usage.cpu.count()) * *used.missing /
                           static_cast<double>(sample.window_ns);
  metrics["engine_cpu_share"] = busy_cpus / static_cast<double>(cpus);
  sample.client_limited = load::is_client_limited(*metrics["load_cpu_share"],
                                                  share_of_usable(busy_cpus, used.threads, cpus));
}

void add_latencies(const json& histograms, Sample& sample) {
  for (const auto& [kind, histogram] : histograms.items()) {
    const Histogram latencies = Histogram::from_json(histogram);
    sample.histograms[kind] = histogram;
    if (latencies.count() > 0) add_percentiles(latencies, kind == "all" ? "" : kind + ".", sample);
  }
}

void check_replies(const Sample& sample) {
  if (sample.operations > 0) return;
  std::vector<std::string> kinds;
  for (const auto& [kind, count] : sample.errors)
    kinds.push_back(fmt::format("{} {}", count, kind));
  throw ChildFailure(fmt::format("no correct reply in the window{}{}", kinds.empty() ? "" : ": ",
                                 fmt::join(kinds, ", ")));
}

/// What the load itself measured. Returns how many connections were open at the end.
std::int64_t take_load_sample(const json& line, Sample& sample) {
  Fields fields(line, "the load's line");
  sample.operations = static_cast<std::uint64_t>(fields.integer("operations", 0));
  sample.errors = parse_errors(fields.object("errors"), fields.path("errors"));
  // What went wrong before the window is no part of its numbers, but it is no less wrong.
  const auto earlier = parse_errors(fields.object("warm_up_errors"), fields.path("warm_up_errors"));
  for (const auto& [kind, count] : earlier) sample.errors[kind] += count;
  sample.window_ns = fields.integer("window_ns", 1);
  check_replies(sample);

  auto& metrics = sample.metrics;
  metrics["throughput_per_s"] =
      static_cast<double>(sample.operations) * 1e9 / static_cast<double>(sample.window_ns);
  metrics["fairness_jain"] = fields.nullable_number("fairness_jain");
  metrics["starved_connections"] = fields.number("starved_connections");
  metrics["load_cpu_share"] = fields.number("load_cpu_ns") / fields.number("load_wall_ns");
  add_latencies(fields.object("histograms"), sample);
  return fields.integer("connections_open", 0);
}

}  // namespace

double share_of_usable(double busy_cpus, std::size_t threads, std::size_t cpus) {
  return busy_cpus / static_cast<double>(std::clamp<std::size_t>(threads, 1, cpus));
}

void sample_window(const Bench& bench, const Cell& cell, const Endpoint& endpoint, Child& server,
                   Sample& sample) {
  const TreeMemory memory_before = tree_memory(server.pid());
  Child load(bench.guard, {.arguments = load_arguments(bench, cell, endpoint),
                           .cpus = bench.placement.load_cpus});
  const Patience& patience = bench.patience;
  const CellOptions& options = cell.options;

  expect(bench, load, server, "connected", patience.connected);
  const json begins =
      expect(bench, load, server, "window_begins", options.warmup + patience.beyond_window);
  const TreeReading first = read_tree(server.pid());
  const TimePoint read_at = Clock::now();
  expect(bench, load, server, "window_ends", options.window + patience.beyond_window);
  const TreeReading last = read_tree(server.pid());
  const TreeMemory memory = tree_memory(server.pid());
  if (server.has_ended()) server.throw_ended("was told to");

  load.close_input();
  const std::int64_t open =
      take_load_sample(expect(bench, load, server, "sample", patience.stop), sample);
  const std::int64_t begins_ns = Fields(begins, "the load's line").integer("at_ns", 0);
  add_usage(usage_in(first, read_at, last, begins_ns, sample.window_ns),
            bench.placement.engine_cpus.size(), sample);
  auto& metrics = sample.metrics;
  metrics["memory_bytes"] = static_cast<double>(memory.bytes);
  if (open > 0)
    metrics["memory_per_connection_bytes"] =
        (static_cast<double>(memory.without_files_bytes) -
         static_cast<double>(memory_before.without_files_bytes)) /
        static_cast<double>(open);

  if (!load.wait(Clock::now() + patience.stop).clean()) load.throw_ended("was done closing");
}

}  // namespace contend
