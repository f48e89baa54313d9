// Measures one cell once: starts its processes, waits until they are ready, measures, stops them.
// It knows commands and the host protocol, never engines.
#pragma once

#include <functional>
#include <string>

#include "harness/bench/bench.hpp"
#include "harness/bench/sample.hpp"
#include "harness/bench/suite.hpp"

namespace contend {

/// One sample, without its round and order. Whatever the engine does wrong is in it as the reason.
/// Afterwards nothing that was started is left. Throws Interrupted when `bench.stop` was requested.
Sample measure(const Bench& bench, const Cell& cell);

/// The sample of a cell as `fill` fills it. What that throws of a child or of what it said is the
/// sample's reason, and so is a process that it leaves behind, which is ended; Interrupted is
/// thrown on.
Sample sample_of(const Guard& guard, const std::string& cell,
                 const std::function<void(Sample&)>& fill);

}  // namespace contend
