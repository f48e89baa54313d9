// Which metrics of a cell are compared.
#include "harness/ab/metrics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "workloads/number.hpp"

namespace contend::ab {
namespace {

constexpr ComparedMetric of_serve[] = {
    {.name = "throughput_per_s", .larger_is_better = true, .needs_the_load = true},
    {.name = "latency_p50_ns", .needs_the_load = true, .follows_throughput = true},
    {.name = "latency_p90_ns", .needs_the_load = true, .follows_throughput = true},
    {.name = "latency_p99_ns", .smallest_effect = 0.15, .needs_the_load = true},
    {.name = "cpu_ns_per_operation"},
    {.name = "memory_bytes", .smallest_effect = 0.05, .drifts = false},
};
constexpr ComparedMetric of_work[] = {
    {.name = "wall_ns"},
    {.name = "cpu_ns_per_operation"},
    {.name = "peak_rss_bytes", .smallest_effect = 0.05, .drifts = false},
};

constexpr ComparedMetric of_benchmarks[] = {
    {.name = "throughput_per_s", .larger_is_better = true},
    {.name = "cpu_ns_per_operation"},
};
constexpr ComparedMetric of_counting[] = {
    {.name = "instructions", .smallest_effect = 0.01, .drifts = false, .is_exact = true},
};

/// Of a role or of what has none of its own.
std::vector<std::span<const ComparedMetric>> all_metrics() {
  std::vector<std::span<const ComparedMetric>> all;
  for (const Role role : all_roles) all.push_back(compared_metrics(role));
  all.insert(all.end(), {benchmark_metrics(), counting_metrics()});
  return all;
}

}  // namespace

std::span<const ComparedMetric> benchmark_metrics() {
  return of_benchmarks;
}

std::span<const ComparedMetric> counting_metrics() {
  return of_counting;
}

std::span<const ComparedMetric> compared_metrics(Role role) {
  switch (role) {
    case Role::serve: return of_serve;
    case Role::drive:
    case Role::run: return of_work;
    case Role::lesson: return {};
  }
  return {};
}

const ComparedMetric& compared_metric(std::string_view name) {
  for (const auto metrics : all_metrics()) {
    const auto found = std::ranges::find(metrics, name, &ComparedMetric::name);
    if (found != metrics.end()) return *found;
  }
  throw std::invalid_argument(fmt::format("no metric {} is compared; there are {}",
                                          quote_for_display(name),
                                          fmt::join(compared_metric_names(), ", ")));
}

std::vector<std::string_view> compared_metric_names() {
  std::vector<std::string_view> names;
  for (const auto metrics : all_metrics())
    for (const ComparedMetric& metric : metrics)
      if (std::ranges::find(names, metric.name) == names.end()) names.push_back(metric.name);
  return names;
}

double cost_of(const ComparedMetric& metric, double value) {
  if (!(value > 0))
    throw std::invalid_argument(
        fmt::format("{} is {}, of which no cost can be told", metric.name, value));
  return metric.larger_is_better ? 1 / value : value;
}

SmallestEffects parse_smallest_effects(std::span<const std::string> settings) {
  SmallestEffects effects;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    const std::string name = setting.substr(0, equals);
    const auto percent = equals == std::string::npos
                             ? std::nullopt
                             : parse_number<double>(std::string_view(setting).substr(equals + 1));
    if (!percent || !(*percent > 0 && *percent < 100))
      throw std::invalid_argument(
          fmt::format("{} is no smallest effect; write NAME=PERCENT, as in latency_p99_ns=10",
                      quote_for_display(setting)));
    effects[std::string(compared_metric(name).name)] = *percent / 100;
  }
  return effects;
}

}  // namespace contend::ab
