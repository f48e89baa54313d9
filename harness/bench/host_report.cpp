// What a host reports of a drive or a run.
#include "harness/bench/host_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "harness/base/json.hpp"
#include "harness/process/child.hpp"

namespace contend {
namespace {

double ratio(std::int64_t numerator, std::uint64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

/// Work that was not done, or done wrongly, makes the time it took meaningless.
void check_work(const Sample& sample, std::int64_t expected) {
  const auto wanted = static_cast<std::uint64_t>(expected);
  if (sample.operations == wanted && sample.errors.empty()) return;
  std::vector<std::string> kinds;
  for (const auto& [kind, count] : sample.errors)
    kinds.push_back(fmt::format("{} {}", count, kind));
  throw ChildFailure(fmt::format("{} of {} operations were not done correctly{}{}",
                                 wanted - sample.operations, wanted, kinds.empty() ? "" : ": ",
                                 fmt::join(kinds, ", ")));
}

}  // namespace

void take_report(const nlohmann::json& report, std::size_t cpus, Sample& sample) {
  Fields fields(report, "the host's report");
  const std::int64_t wall_ns = fields.integer("wall_ns", 1);
  const std::int64_t user_ns = fields.integer("user_ns", 0);
  const std::int64_t system_ns = fields.integer("system_ns", 0);
  const std::int64_t voluntary = fields.integer("voluntary_switches", 0);
  const std::int64_t involuntary = fields.integer("involuntary_switches", 0);
  const std::int64_t peak_rss_bytes = fields.integer("peak_rss_bytes", 0);
  const std::int64_t expected = fields.integer("expected", 1);
  sample.errors = parse_errors(fields.object("errors"), fields.path("errors"));
  sample.spans = parse_spans(fields.array("spans"), fields.path("spans"));
  if (sample.spans.size() > static_cast<std::uint64_t>(expected))
    fields.refuse("spans", "are more than expected");
  if (fields.has("notes")) sample.notes = fields.strings("notes");
  sample.window_ns = wall_ns;

  Histogram latency;
  for (const Span& span : sample.spans) {
    if (!span.ok) continue;
    if (!span.start_ns || !span.finish_ns || *span.finish_ns < *span.start_ns)
      fields.refuse("spans", "hold one that is ok without a start and a later finish");
    latency.record(Histogram::Duration(*span.finish_ns - *span.start_ns));
    sample.operations += 1;
  }
  check_work(sample, expected);

  auto& metrics = sample.metrics;
  const std::uint64_t operations = sample.operations;
  metrics["throughput_per_s"] =
      ratio(static_cast<std::int64_t>(operations), 1) * 1e9 / static_cast<double>(wall_ns);
  metrics["cpu_user_ns_per_operation"] = ratio(user_ns, operations);
  metrics["cpu_system_ns_per_operation"] = ratio(system_ns, operations);
  metrics["cpu_ns_per_operation"] = ratio(user_ns + system_ns, operations);
  metrics["voluntary_switches_per_operation"] = ratio(voluntary, operations);
  metrics["involuntary_switches_per_operation"] = ratio(involuntary, operations);
  metrics["engine_cpu_share"] =
      ratio(user_ns + system_ns, static_cast<std::uint64_t>(wall_ns) * cpus);
  metrics["wall_ns"] = static_cast<double>(wall_ns);
  metrics["peak_rss_bytes"] = static_cast<double>(peak_rss_bytes);
  add_percentiles(latency, "", sample);
  sample.histograms["all"] = latency.to_json();
}

void add_percentiles(const Histogram& histogram, const std::string& prefix, Sample& sample) {
  static constexpr std::array<std::pair<const char*, double>, 5> percentiles{
      {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p999", 99.9}, {"max", 100}}};
  for (const auto& [name, percentile] : percentiles)
    sample.metrics[fmt::format("{}latency_{}_ns", prefix, name)] =
        static_cast<double>(histogram.value_at(percentile).count());
}

}  // namespace contend
