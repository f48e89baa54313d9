// Which metrics of a cell are compared, what of them is a cost, and how large a difference matters.
//   compared_metrics(Role::serve)      cost_of("throughput_per_s", 1e5)
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/workload.hpp"

namespace contend::ab {

struct ComparedMetric {
  std::string_view name;
  double smallest_effect = 0.02;  ///< A share; less of a difference does not matter.
  bool larger_is_better = false;
  /// The load takes part in it: where the load is the limit, it says nothing of the engine.
  bool needs_the_load = false;
  /// A response time that most requests have. In a closed loop their mean is the connections by the
  /// throughput (J. Little, A Proof for the Queuing Formula L = λW, 1961), so where throughput says
  /// the opposite, the server is neither better nor worse for it.
  bool follows_throughput = false;
  /// Drifts with the machine: in results that were measured at different times a difference of it
  /// may be the machine's.
  bool drifts = true;
  bool is_exact = false;  ///< The same each time it is measured (exact.hpp).
};

/// In the order in which they are shown. Lessons have none.
std::span<const ComparedMetric> compared_metrics(Role role);
/// Of a micro-benchmark (benchmarks.hpp): an iteration is an operation, and what a whole run took
/// depends on how many there were.
std::span<const ComparedMetric> benchmark_metrics();
/// Of a case whose instructions are counted (counting.hpp).
std::span<const ComparedMetric> counting_metrics();
/// Of any of these. Throws std::invalid_argument that names the known ones.
const ComparedMetric& compared_metric(std::string_view name);
/// Every name once.
std::vector<std::string_view> compared_metric_names();

/// What is the greater the worse it is: the value, or one by it. Not above 0:
/// std::invalid_argument.
double cost_of(const ComparedMetric& metric, double value);

/// Smallest effects that are not the metrics' own, by name.
using SmallestEffects = std::map<std::string, double, std::less<>>;
/// NAME=PERCENT each, as in "latency_p99_ns=10". Throws std::invalid_argument for an unknown metric
/// and what is no number above 0 and below 100.
SmallestEffects parse_smallest_effects(std::span<const std::string> settings);

}  // namespace contend::ab
