// Results as tables for a terminal, one table a workload.
#pragma once

#include <string>

#include "harness/bench/result.hpp"

namespace contend {

/// What is not as it should be about a cell: failures, errors, samples that the client limited, and
/// the reason; empty where all is well.
std::string notes_of(const CellResult& cell);

/// A table for each workload of the result: throughput with its interval, latency, CPU, fairness,
/// and marks for what is not as it should be. `colour`: ANSI escapes.
std::string tables(const Result& result, bool colour);

}  // namespace contend
