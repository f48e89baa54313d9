// One window of a server under load: the load process says when it begins and ends
// (load/window.hpp), and at these moments the engine's whole process tree is read.
#pragma once

#include "engines/net.hpp"
#include "harness/bench/bench.hpp"
#include "harness/bench/sample.hpp"
#include "harness/bench/suite.hpp"

namespace contend {

class Child;

/// Fills the sample. Throws ChildFailure where the load fails, or when there was no correct reply,
/// std::invalid_argument when the load says what it should not, and Interrupted.
void sample_window(const Bench& bench, const Cell& cell, const Endpoint& endpoint, Child& server,
                   Sample& sample);

/// Returns which share of the CPUs that its threads can be on at once an engine used, which kept
/// `busy_cpus` busy on average. 0 threads (they have ended since) count as one.
double share_of_usable(double busy_cpus, std::size_t threads, std::size_t cpus);

}  // namespace contend
