// One window of a server under load: the load process says when it begins and ends (load.hpp), and
// at these moments the engine's whole process tree is read.
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

/// Whether the load was at its limit while the engine was not at its own: above 95 % of a CPU for
/// the one, below 95 % for the other of the CPUs that its threads can be on at once.
bool is_client_limited(double load_cpu_share, double engine_busy_cpus, std::size_t engine_threads,
                       std::size_t engine_cpus);

}  // namespace contend
