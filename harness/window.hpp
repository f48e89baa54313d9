// One window of a server under load: the load process says when it begins and ends (load.hpp), and
// at these moments the engine's whole process tree is read.
#pragma once

#include "engines/net.hpp"
#include "harness/cell.hpp"

namespace contend {

class Child;

/// Fills the sample. Throws ChildFailure where the load fails, or when there was no correct reply,
/// std::invalid_argument when the load says what it should not, and Interrupted.
void sample_window(const Bench& bench, const Cell& cell, const Endpoint& endpoint, Child& server,
                   Sample& sample);

}  // namespace contend
