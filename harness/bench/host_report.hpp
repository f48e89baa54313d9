// What a host reports of a drive or a run (docs/host-protocol.md), as a sample.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/bench/sample.hpp"
#include "harness/stats/histogram.hpp"

namespace contend {

/// Fills the sample's operations, window, metrics, histogram, spans and errors. `cpus` is how many
/// the engine had. Throws std::invalid_argument that names the field which is wrong, and
/// ChildFailure where what the report says is that the work was not done.
void take_report(const nlohmann::json& report, std::size_t cpus, Sample& sample);

/// `latency_p50_ns` and the other percentiles of a histogram that is not empty, with `prefix`
/// before each name.
void add_percentiles(const Histogram& histogram, const std::string& prefix, Sample& sample);

}  // namespace contend
