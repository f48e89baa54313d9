// A whole run: what its samples say, and JSON in both directions.
#include "harness/bench/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/json.hpp"

namespace contend {
namespace {

using nlohmann::json;

constexpr std::string_view not_measured = "not measured yet";

/// Collects one cell's samples.
struct Collected {
  CellResult result;
  std::map<std::string, std::vector<double>> values;
  unsigned skipped = 0;
};

void collect(const Sample& sample, Collected& into) {
  CellResult& cell = into.result;
  for (const auto& [kind, count] : sample.errors) cell.errors[kind] += count;
  if (sample.reason) cell.reason = sample.reason;
  switch (sample.status) {
    case Sample::Status::skipped: into.skipped += 1; break;
    case Sample::Status::failed: cell.failed_samples += 1; break;
    case Sample::Status::ok:
      cell.samples += 1;
      cell.client_limited_samples += sample.client_limited ? 1 : 0;
      for (const auto& [name, value] : sample.metrics)
        if (value) into.values[name].push_back(*value);
  }
}

CellResult finish(Collected& collected, std::map<std::size_t, MedianBootstrap>& bootstraps) {
  CellResult& cell = collected.result;
  using Status = CellResult::Status;
  const bool any_bad = cell.failed_samples + collected.skipped > 0;
  if (cell.samples > 0)
    cell.status = any_bad ? Status::partial : Status::ok;
  else
    cell.status = cell.failed_samples > 0 ? Status::failed : Status::skipped;
  if (cell.samples == 0 && !any_bad) cell.reason = not_measured;
  for (auto& [name, values] : collected.values) {
    const auto bootstrap = bootstraps.try_emplace(values.size(), values.size()).first;
    cell.metrics.emplace(name, bootstrap->second.interval(std::move(values)));
  }
  return std::move(cell);
}

json to_json(const CellResult& result) {
  json metrics = json::object();
  for (const auto& [name, interval] : result.metrics)
    metrics[name] = {{"median", interval.median},
                     {"low", nullable(interval.low)},
                     {"high", nullable(interval.high)}};
  const Cell& cell = result.cell;
  return {{"id", cell.id()},
          {"engine", cell.engine},
          {"workload", cell.workload},
          {"role", to_string(cell.role)},
          {"connections", has_connections(cell.role) ? json(cell.connections) : json()},
          {"parameters", json(cell.options.parameters)},
          {"variant", cell.options.variant},
          {"window_ns", cell.options.window.count()},
          {"warmup_ns", cell.options.warmup.count()},
          {"workers", cell.options.workers},
          {"spin_ns", cell.options.spin.count()},
          {"delay_ns", cell.options.delay.count()},
          {"status", to_string(result.status)},
          {"reason", nullable(result.reason)},
          {"samples", result.samples},
          {"failed_samples", result.failed_samples},
          {"client_limited_samples", result.client_limited_samples},
          {"errors", json(result.errors)},
          {"metrics", metrics}};
}

json to_json(const RunInfo& run) {
  return {{"id", run.id},
          {"suite", run.suite},
          {"seed", run.seed},
          {"rounds", run.rounds},
          {"rounds_finished", run.rounds_finished},
          {"complete", run.complete},
          {"started_at", run.started_at},
          {"finished_at", nullable(run.finished_at)},
          {"command", run.command}};
}

}  // namespace

json build_json(const BuildRecord& build) {
  return {{"version", build.version},
          {"revision", build.revision},
          {"compiler", build.compiler},
          {"flags", build.flags},
          {"build_type", build.build_type},
          {"sanitizers", build.sanitizers},
          {"engine_binary_sha256", build.engine_binary_sha256}};
}

std::string_view to_string(CellResult::Status status) {
  switch (status) {
    case CellResult::Status::ok: return "ok";
    case CellResult::Status::partial: return "partial";
    case CellResult::Status::failed: return "failed";
    case CellResult::Status::skipped: return "skipped";
  }
  return "unknown";
}

std::vector<CellResult> aggregate(const std::vector<Cell>& cells,
                                  const std::vector<Sample>& samples) {
  std::map<std::string, Collected, std::less<>> by_id;
  for (const Cell& cell : cells) by_id[cell.id()].result.cell = cell;
  for (const Sample& sample : samples)
    if (const auto found = by_id.find(sample.cell); found != by_id.end())
      collect(sample, found->second);
  std::map<std::size_t, MedianBootstrap> bootstraps;
  std::vector<CellResult> results;
  for (const Cell& cell : cells) results.push_back(finish(by_id.at(cell.id()), bootstraps));
  return results;
}

Histogram merged_latency(const Cell& cell, const std::vector<Sample>& samples,
                         const std::string& kind) {
  Histogram merged;
  const std::string id = cell.id();
  for (const Sample& sample : samples) {
    if (sample.cell != id || sample.status != Sample::Status::ok) continue;
    const auto found = sample.histograms.find(kind);
    if (found != sample.histograms.end()) merged.merge(Histogram::from_json(found->second));
  }
  return merged;
}

json to_json(const Result& result) {
  json engines = json::array(), workloads = json::array(), cells = json::array(),
       samples = json::array();
  for (const EngineRecord& engine : result.engines)
    engines.push_back({{"name", engine.name},
                       {"summary", engine.summary},
                       {"charted", engine.charted},
                       {"outside", engine.outside},
                       {"unavailable", nullable(engine.unavailable)}});
  for (const WorkloadRecord& workload : result.workloads)
    workloads.push_back({{"name", workload.name},
                         {"summary", workload.summary},
                         {"role", to_string(workload.role)},
                         {"kinds", workload.kinds}});
  for (const CellResult& cell : result.cells) cells.push_back(to_json(cell));
  for (const Sample& sample : result.samples) samples.push_back(to_json(sample));
  return {{"schema_version", schema_version},
          {"run", to_json(result.run)},
          {"machine", machine_json(result.machine)},
          {"build", build_json(result.build)},
          {"placement", placement_json(result.placement)},
          {"noise", noise_json(result.noise)},
          {"engines", engines},
          {"workloads", workloads},
          {"cells", cells},
          {"samples", samples}};
}

json to_json(const CellResult& cell, const std::vector<Sample>& samples) {
  json list = json::array();
  for (const Sample& sample : samples) list.push_back(to_json(sample));
  return {{"cell", to_json(cell)}, {"samples", list}};
}

}  // namespace contend
