// Results as tables for a terminal.
#include "harness/bench/result_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/table.hpp"
#include "harness/base/text.hpp"

namespace contend {
namespace {

constexpr const char* bold = "\x1b[1m";
constexpr const char* yellow = "\x1b[33m";
constexpr const char* plain = "\x1b[0m";

template <typename Text>
std::string metric(const CellResult& cell, const char* name, Text text) {
  const auto found = cell.metrics.find(name);
  return found == cell.metrics.end() ? std::string(nothing) : text(found->second);
}

std::string interval_text(const Interval& interval) {
  if (!interval.low || !interval.high) return std::string(nothing);
  return fmt::format("{}..{}", number_text(*interval.low), number_text(*interval.high));
}

std::vector<std::string> row_of(const CellResult& cell, const std::vector<Sample>& samples) {
  const auto in_number = [](const Interval& i) { return number_text(i.median); };
  const auto in_time = [](const Interval& i) { return duration_text(i.median); };
  const Histogram latency = merged_latency(cell.cell, samples);
  const auto percentile = [&](double which) {
    return latency.count() == 0
               ? std::string(nothing)
               : duration_text(static_cast<double>(latency.value_at(which).count()));
  };
  std::string name = cell.cell.engine;
  if (!cell.cell.options.variant.empty()) name += " " + cell.cell.options.variant;
  return {name,
          has_connections(cell.cell.role) ? std::to_string(cell.cell.connections)
                                          : std::string(nothing),
          metric(cell, "throughput_per_s", in_number),
          metric(cell, "throughput_per_s", interval_text),
          percentile(50),
          percentile(99),
          metric(cell, "cpu_ns_per_operation", in_time),
          metric(cell, "fairness_jain", in_number),
          notes_of(cell)};
}

std::string table_of(const WorkloadRecord& workload, const Result& result, bool colour) {
  std::vector<std::vector<std::string>> rows{{"engine", "connections", "per second",
                                              "95 % interval", "p50", "p99", "CPU/op", "fairness",
                                              "notes"}};
  std::vector<bool> marked{false};
  for (const CellResult& cell : result.cells) {
    if (cell.cell.workload != workload.name) continue;
    rows.push_back(row_of(cell, result.samples));
    marked.push_back(!rows.back().back().empty());
  }
  if (rows.size() == 1) return {};
  std::string text = fmt::format("\n{}{}{}: {}\n", colour ? bold : "", terminal_text(workload.name),
                                 colour ? plain : "", terminal_text(workload.summary));
  const std::string table = aligned(rows);
  std::size_t row = 0;
  for (std::size_t at = 0; at < table.size(); ++row) {
    const std::size_t end = table.find('\n', at) + 1;
    const bool shows = colour && marked[row];
    text += (shows ? yellow : "") + table.substr(at, end - at - 1) + (shows ? plain : "") + "\n";
    at = end;
  }
  return text;
}

}  // namespace

std::string notes_of(const CellResult& cell) {
  std::vector<std::string> notes;
  if (cell.status != CellResult::Status::ok) notes.emplace_back(to_string(cell.status));
  if (cell.failed_samples > 0) notes.push_back(fmt::format("{} failed", cell.failed_samples));
  for (const auto& [kind, count] : cell.errors) notes.push_back(fmt::format("{} {}", count, kind));
  if (cell.client_limited_samples > 0)
    notes.push_back(fmt::format("client-limited {}/{}", cell.client_limited_samples, cell.samples));
  if (cell.reason) notes.push_back(*cell.reason);
  return fmt::format("{}", fmt::join(notes, ", "));
}

std::string tables(const Result& result, bool colour) {
  std::string text;
  for (const WorkloadRecord& workload : result.workloads)
    text += table_of(workload, result, colour);
  return text;
}

}  // namespace contend
