// contend ab: two builds of the host, or any two hosts, measured in turns and judged.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/suite.hpp"

namespace contend::ab {

inline constexpr int exit_regressed = 1, exit_inconclusive = 3;

/// Nothing could be compared: not a verdict, and not to be taken for one. Exit code 2.
struct BrokenRun : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a verdict is to be shown and answered with; of `ab` and `compare`.
struct VerdictOptions {
  std::vector<std::string> smallest_effects{};  ///< NAME=PERCENT
  double alpha_percent = 1;
  bool inconclusive_ok = false, json = false;
};

struct AbOptions : VerdictOptions {
  bool instructions = false;         ///< Of cases are counted, and nothing else is compared.
  bool micro = false;                ///< Programs made with Google Benchmark are compared.
  std::string base, head;            ///< Commands; an empty head: contend-engine beside this.
  std::string base_name, head_name;  ///< Empty: the commands.
  std::string suite = "ab";
  Selection selection;
  std::vector<std::string> metrics;  ///< These only; empty: all.
  Duration budget = std::chrono::minutes(10), screen = std::chrono::seconds(20);
  bool screen_only = false;  ///< The budget is the screen's, and nothing is measured again.
  Duration slice = std::chrono::milliseconds(100);
  double noise_percent = 10;
  std::optional<std::uint64_t> seed;  ///< Absent: a new one each time.
  std::string out = "results";
};

void add_options(CLI::App& command, AbOptions& options);
/// Those of VerdictOptions.
void add_verdict_options(CLI::App& command, VerdictOptions& options);

/// Measures, writes the folder, prints the verdict, and returns the exit code: 0 nothing regressed,
/// 1 something did, 3 something is inconclusive or invalid, 130 interrupted. Throws
/// std::invalid_argument for wrong use and BrokenRun where nothing could be compared.
int carry_out(const AbOptions& options, const std::vector<std::string>& command);

struct CompareOptions : VerdictOptions {
  std::string base, head;  ///< Folders of results, or their result.json.
};
void add_options(CLI::App& command, CompareOptions& options);
/// Two stored results: prints the verdict and returns the exit code, as above. Throws
/// std::invalid_argument where one can't be read or they have nothing in common.
int carry_out(const CompareOptions& options);

/// The exit code of a verdict.
int exit_code_of(const AbResult& result, bool inconclusive_ok);

}  // namespace contend::ab
