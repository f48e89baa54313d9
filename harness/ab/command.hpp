// contend ab: two builds of the host, or any two hosts, measured in turns and judged.
#pragma once

#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/ab/options.hpp"

namespace contend::ab {

/// Measures, writes the folder, prints the verdict, and returns the exit code: 0 nothing regressed,
/// 1 something did, 3 something is inconclusive or invalid, 130 interrupted. Throws
/// std::invalid_argument for wrong use and BrokenRun where nothing could be compared.
int run_command(const AbOptions& options, const std::vector<std::string>& command);

/// Two stored results: prints the verdict and returns the exit code, as above. Throws
/// std::invalid_argument where one can't be read or they have nothing in common.
int run_command(const CompareOptions& options);

/// The exit code of a verdict.
int exit_code_of(const AbResult& result, bool inconclusive_ok);

}  // namespace contend::ab
