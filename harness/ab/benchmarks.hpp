// Two programs made with Google Benchmark, as a subject: each benchmark that both have is a cell,
// and each slice a fresh process that runs one benchmark. Not what they say, which is
// benchmark_report.hpp's.
//   contend ab --micro --base old/histogram_benchmark --head build/release/histogram_benchmark
#pragma once

#include "harness/ab/options.hpp"
#include "harness/ab/subject.hpp"

namespace contend::ab {

/// Throws std::invalid_argument where a program is not there, lists no benchmarks, or both have
/// none in common, and what Child throws where one does not list at all.
Subject benchmarks(const AbOptions& options, const Setting& setting);

}  // namespace contend::ab
