// A comparison from its options to its folder: what `contend ab` and `contend selftest` have in
// common.
//   const AbRunOutcome outcome = run_ab(options, {"contend", "ab"});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/ab/options.hpp"
#include "harness/ab/slices.hpp"

namespace contend::ab {

struct AbRunOutcome {
  AbResult result;
  std::filesystem::path folder;
  bool interrupted = false;
};

/// Measures, and writes `base/`, `head/` and `ab.json` into a new folder (results/README.md), which
/// holds what was measured also where it was interrupted. Says on standard error where it is.
/// Throws std::invalid_argument for wrong use, BrokenRun where a host does not answer as one, or
/// when no slice of a side was good.
AbRunOutcome run_ab(const AbOptions& options, const std::vector<std::string>& command);

}  // namespace contend::ab
