// The JSON of Google Benchmark, so that its tools/compare.py compares two of them: one entry for
// each sample (a repetition), and mean, median and standard deviation after them. A cell is a
// benchmark whose time is that of one operation; each of its latencies is one more.
//   contend export DIR --format google-benchmark --side base --out base.json
//   contend export DIR --format google-benchmark --side head --out head.json
//   compare.py benchmarks base.json head.json
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"
#include "harness/stats/medians.hpp"
#include "workloads/json_text.hpp"

namespace contend::exports {
namespace {

using nlohmann::ordered_json;

struct Repetition {
  double real_ns = 0, cpu_ns = 0;
  std::uint64_t operations = 0;
};

std::optional<double> positive(const Sample& sample, const std::string& metric) {
  const auto found = sample.metrics.find(metric);
  if (found == sample.metrics.end() || !found->second) return std::nullopt;
  return std::isfinite(*found->second) && *found->second > 0 ? found->second : std::nullopt;
}

/// Of `metric`, or where that is empty of one operation. A sample counts only with both of its
/// times, since a missing one would be compared as 0.
std::vector<Repetition> repetitions_of(const std::vector<const Sample*>& samples,
                                       const std::string& metric) {
  std::vector<Repetition> repetitions;
  for (const Sample* const sample : samples) {
    auto real_ns = positive(*sample, metric.empty() ? "throughput_per_s" : metric);
    if (real_ns && metric.empty()) real_ns = 1e9 / *real_ns;
    const auto cpu_ns = positive(*sample, "cpu_ns_per_operation");
    if (real_ns && std::isfinite(*real_ns) && cpu_ns)
      repetitions.push_back({*real_ns, *cpu_ns, sample->operations});
  }
  return repetitions;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Of a sample (n - 1).
double deviation_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// The entries of one benchmark, which `head` holds the fields of that they all have.
class Family {
 public:
  Family(std::string name, std::size_t index, std::size_t within, unsigned threads)
      : name_(std::move(name)), index_(index), within_(within), threads_(threads) {}

  void write(const std::vector<Repetition>& repetitions, ordered_json& to) const {
    std::vector<double> real, cpu;
    for (const Repetition& one : repetitions) {
      ordered_json entry = begun(name_, "iteration", repetitions.size());
      entry["repetition_index"] = real.size();
      entry["threads"] = threads_;
      entry["iterations"] = one.operations;
      finish(entry, one.real_ns, one.cpu_ns, to);
      real.push_back(one.real_ns);
      cpu.push_back(one.cpu_ns);
    }
    if (real.size() < 2) return;
    aggregate("mean", mean_of(real), mean_of(cpu), real.size(), to);
    aggregate("median", median(real), median(cpu), real.size(), to);
    aggregate("stddev", deviation_of(real), deviation_of(cpu), real.size(), to);
  }

 private:
  ordered_json begun(const std::string& name, const char* type, std::size_t repetitions) const {
    return {{"name", name},      {"family_index", index_}, {"per_family_instance_index", within_},
            {"run_name", name_}, {"run_type", type},       {"repetitions", repetitions}};
  }
  static void finish(ordered_json& entry, double real_ns, double cpu_ns, ordered_json& to) {
    entry["real_time"] = real_ns;
    entry["cpu_time"] = cpu_ns;
    entry["time_unit"] = "ns";
    to.push_back(std::move(entry));
  }
  void aggregate(const char* what, double real_ns, double cpu_ns, std::size_t repetitions,
                 ordered_json& to) const {
    if (!std::isfinite(real_ns) || !std::isfinite(cpu_ns)) return;  // of numbers near the largest
    ordered_json entry = begun(fmt::format("{}_{}", name_, what), "aggregate", repetitions);
    entry["threads"] = threads_;
    entry["aggregate_name"] = what;
    entry["aggregate_unit"] = "time";
    entry["iterations"] = repetitions;
    finish(entry, real_ns, cpu_ns, to);
  }

  std::string name_;
  std::size_t index_, within_;
  unsigned threads_;
};

ordered_json context_of(const Result& result, const Source& source) {
  return {{"date", result.run.started_at},
          {"host_name", result.machine.fingerprint},
          {"executable", fmt::format("{}", fmt::join(result.run.command, " "))},
          {"num_cpus", result.machine.cores},
          {"caches", ordered_json::array()},
          {"load_avg", ordered_json::array()},
          {"library_version", result.build.version},
          {"library_build_type", "release"},
          {"json_schema_version", 1},
          {"run", source.run_id()},
          {"revision", result.build.revision},
          {"kernel", result.machine.kernel},
          {"cpu_model", result.machine.cpu_model}};
}

/// The good samples of each cell in the order in which they were measured.
std::map<std::string, std::vector<const Sample*>> good_samples(const Result& result) {
  std::map<std::string, std::vector<const Sample*>> by_cell;
  for (const Sample& sample : result.samples)
    if (sample.status == Sample::Status::ok) by_cell[sample.cell].push_back(&sample);
  for (auto& [cell, samples] : by_cell)
    std::ranges::stable_sort(
        samples, {}, [](const Sample* sample) { return std::pair(sample->round, sample->order); });
  return by_cell;
}

std::vector<std::string> write_google(std::span<const Source> sources, const Choices& choices) {
  const Source& source = sources.front();
  const Result result = source.result() ? *source.result() : source.slices(choices.side);
  const auto samples = good_samples(result);
  ordered_json benchmarks = ordered_json::array();
  for (std::size_t index = 0; index < result.cells.size(); ++index) {
    const CellResult& cell = result.cells[index];
    const std::string id = cell.cell.id();
    const auto found = samples.find(id);
    if (found == samples.end()) continue;
    const unsigned threads = cell.cell.options.workers;
    std::size_t within = 0;
    Family(id, index, within++, threads).write(repetitions_of(found->second, ""), benchmarks);
    for (const auto& [metric, unused] : cell.metrics)
      if (unit_of(metric).name == "ns")
        Family(fmt::format("{}/{}", id, metric), index, within++, threads)
            .write(repetitions_of(found->second, metric), benchmarks);
  }
  if (benchmarks.empty())
    throw std::invalid_argument(source.where +
                                ": has no good sample with both a throughput and a "
                                "CPU time, so there is nothing to export");
  return {
      json_text(ordered_json{{"context", context_of(result, source)}, {"benchmarks", benchmarks}},
                1) +
      "\n"};
}

}  // namespace

extern const Format google_format;
const Format google_format{
    .name = "google-benchmark",
    .summary =
        "Google Benchmark's JSON, for its compare.py: an entry a sample; of a comparison "
        "those of one --side",
    .takes = Format::side,
    .write = write_google};

}  // namespace contend::exports
