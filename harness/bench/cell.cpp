// Measures one cell once.
#include "harness/bench/cell.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

#include "engines/engine.hpp"
#include "harness/base/json.hpp"
#include "harness/bench/host_report.hpp"
#include "harness/bench/probe.hpp"
#include "harness/bench/window.hpp"
#include "harness/process/child.hpp"

namespace contend {
namespace {

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

void append_parameters(std::vector<std::string>& arguments, const Cell& cell) {
  for (const auto& [name, value] : cell.options.parameters) {
    arguments.push_back("--set");
    arguments.push_back(fmt::format("{}={}", name, value));
  }
}

/// `COMMAND... ROLE ENGINE WORKLOAD`, with the cell's options and parameters.
std::vector<std::string> host_arguments(std::vector<std::string> arguments, const Cell& cell) {
  arguments.insert(arguments.end(),
                   {std::string(to_string(cell.role)), cell.engine, cell.workload});
  const CellOptions& options = cell.options;
  const auto add = [&](const char* flag, auto value) {
    arguments.push_back(flag);
    arguments.push_back(std::to_string(value));
  };
  if (options.workers > 1) add("--workers", options.workers);
  if (options.spin > Duration{}) add("--spin-us", microseconds(options.spin));
  if (options.delay > Duration{}) add("--delay-us", microseconds(options.delay));
  append_parameters(arguments, cell);
  return arguments;
}

/// A server that is ready: it listens, and has answered once, correctly.
Endpoint wait_until_ready(const Bench& bench, Child& server, const Cell& cell) {
  const nlohmann::json line = server.read(Clock::now() + bench.patience.listening, {}, bench.stop);
  Fields fields(line, "the host's first line");
  const auto endpoint =
      Endpoint::loopback(static_cast<std::uint16_t>(fields.integer("listening", 1, 65535)));
  try {
    probe(endpoint, cell, bench.patience.answer, bench.stop);
  } catch (const ChildFailure&) {
    if (server.has_ended()) server.throw_ended("had answered a request");
    throw;
  }
  return endpoint;
}

/// The engine's end is part of what is measured: it has to come in time, and be clean, with a
/// report.
void stop_host(const Bench& bench, Child& host) {
  if (host.has_ended()) host.throw_ended("was told to");
  if (!host.stop(bench.patience.stop).clean()) host.throw_ended("was done stopping");
  const nlohmann::json line = host.read(Clock::now(), {}, bench.stop);
  Fields(line, "the host's last line").object("report");
}

void serve(const Bench& bench, const Cell& cell, Sample& sample) {
  Child server(bench.guard,
               {.arguments = host_arguments(bench.host.engine(cell.engine).command, cell),
                .cpus = bench.placement.engine_cpus});
  const Endpoint endpoint = wait_until_ready(bench, server, cell);
  sample_window(bench, cell, endpoint, server, sample);
  stop_host(bench, server);
}

/// The report of a host that ends by itself.
void await_report(const Bench& bench, Child& host, const std::vector<unsigned>& cpus,
                  std::span<Child* const> others, Sample& sample) {
  const auto deadline = Clock::now() + bench.patience.whole;
  const nlohmann::json line = host.read(deadline, others, bench.stop);
  if (!host.wait(Clock::now() + bench.patience.stop).clean()) host.throw_ended("was done");
  Fields fields(line, "the host's line");
  take_report(fields.object("report"), cpus.size(), sample);
}

void drive(const Bench& bench, const Cell& cell, Sample& sample) {
  Cell origin_cell = cell;
  origin_cell.role = Role::serve;
  origin_cell.engine = load_engine().name;
  origin_cell.options.workers = 1;
  origin_cell.options.spin = origin_cell.options.delay = {};
  Child origin(bench.guard, {.arguments = host_arguments({bench.origin}, origin_cell),
                             .cpus = bench.placement.load_cpus});
  const Endpoint endpoint = wait_until_ready(bench, origin, origin_cell);

  std::vector<std::string> arguments = host_arguments(bench.host.engine(cell.engine).command, cell);
  arguments.insert(arguments.end(),
                   {"--connect", endpoint.text(), "--clients", std::to_string(cell.connections)});
  Child client(bench.guard, {.arguments = arguments, .cpus = bench.placement.engine_cpus});
  const std::array<Child*, 1> others{&origin};
  await_report(bench, client, bench.placement.engine_cpus, others, sample);
  stop_host(bench, origin);
}

void run(const Bench& bench, const Cell& cell, Sample& sample) {
  const std::vector<unsigned> cpus = all_cpus(bench.placement);
  Child host(
      bench.guard,
      {.arguments = host_arguments(bench.host.engine(cell.engine).command, cell), .cpus = cpus});
  await_report(bench, host, cpus, {}, sample);
}

void fail(Sample& sample, Sample::Status status, std::string_view reason) {
  sample.status = status;
  const std::string safe = quote_for_display(reason, 400);
  sample.reason = safe.substr(1, safe.size() - 2);
}

}  // namespace

Sample measure(const Bench& bench, const Cell& cell) {
  return sample_of(bench.guard, cell.id(), [&](Sample& sample) {
    if (const auto& reason = bench.host.engine(cell.engine).unavailable)
      throw ChildUnavailable(*reason);
    switch (cell.role) {
      case Role::serve: serve(bench, cell, sample); break;
      case Role::drive: drive(bench, cell, sample); break;
      case Role::run:
      case Role::lesson: run(bench, cell, sample); break;
    }
  });
}

Sample sample_of(const Guard& guard, const std::string& cell,
                 const std::function<void(Sample&)>& fill) {
  Sample sample;
  sample.cell = cell;
  sample.at = time_of_day();
  try {
    fill(sample);
  } catch (const ChildUnavailable& reason) {
    fail(sample, Sample::Status::skipped, reason.what());
  } catch (const ChildFailure& error) {
    fail(sample, Sample::Status::failed, error.what());
  } catch (const std::invalid_argument& error) {  // a report or a line that is not as it should be
    fail(sample, Sample::Status::failed, error.what());
  } catch (const std::system_error& error) {  // no processes, descriptors or memory left
    fail(sample, Sample::Status::failed, error.what());
  }
  if (const unsigned left = guard.kill_orphans(); left > 0 && sample.status == Sample::Status::ok)
    fail(sample, Sample::Status::failed,
         fmt::format("the engine left {} {} behind", left, left == 1 ? "process" : "processes"));
  return sample;
}

}  // namespace contend
