// A suite from its file to its result: what `bench` and `course` have in common.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/bench/result.hpp"
#include "harness/bench/suite.hpp"
#include "harness/process/programs.hpp"

namespace contend {

struct SuiteOptions {
  std::string suite = "bench";
  Selection selection;
  std::optional<unsigned> rounds;     ///< Absent: the suite's.
  std::optional<double> scale;        ///< Likewise.
  std::optional<std::uint64_t> seed;  ///< Absent: a new one each time.
  std::string out = "results";
  std::string resume;  ///< A folder to go on with; then nothing else counts.
};

struct SuiteRun {
  Result result;
  std::filesystem::path folder;
  bool interrupted = false;  ///< How to go on was said already.
};

/// Measures it, or what is missing of it. `command` is what was typed, which the result keeps.
/// Throws std::invalid_argument for a suite or folder that is wrong, and what Child throws.
SuiteRun run_suite(const SuiteOptions& options, const Programs& programs,
                   const std::vector<std::string>& command);

/// What a run is measured on, as far as it can be known before. `sha256` is the host program's.
Result circumstances(const Host& host, const std::string& sha256);
/// One that nobody has chosen, short enough to be typed.
std::uint64_t fresh_seed();

/// 0 also where cells failed, which the result tells; 1 when none could be measured, 77 when none
/// is available here.
int exit_code_of(const SuiteRun& run);

/// "3 rounds"
std::string rounds_text(unsigned rounds);

}  // namespace contend
