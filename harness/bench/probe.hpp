// Is this server ready? One request, answered correctly, says so; that it listens does not.
#pragma once

#include "engines/net.hpp"
#include "engines/stop.hpp"
#include "harness/bench/suite.hpp"

namespace contend {

/// Returns when the server has answered one request of the cell's workload correctly. Throws
/// ChildFailure with what was wrong about the answer, or when none came within `patience`, and
/// Interrupted when `stop` was requested.
void probe(const Endpoint& server, const Cell& cell, Duration patience, const StopToken& stop);

}  // namespace contend
