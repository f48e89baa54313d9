// What the command lines of contend ab, contend compare and contend selftest can ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/bench/suite.hpp"

namespace CLI {
class App;
}

namespace contend::ab {

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

struct CompareOptions : VerdictOptions {
  std::string base, head;  ///< Folders of results, or their result.json.
};
void add_options(CLI::App& command, CompareOptions& options);

struct SelftestOptions {
  std::string suite = "ab";
  Selection selection;
  Duration budget = std::chrono::minutes(15);  ///< Of each suite, measured or simulated.
  Duration screen = std::chrono::seconds(20);
  std::vector<double> slowdowns{2, 5, 10};  ///< In per cent.
  unsigned suites = 2000;                   ///< Simulated, of each slowdown and of none.
  std::string from;  ///< A folder of contend ab of a program with itself; empty: one is measured.
  bool only_simulate = false;  ///< No suite with a slowdown is measured.
  double alpha_percent = 1;
  std::uint64_t seed = 1;
  std::string out = "results";
  bool json = false;
};

void add_options(CLI::App& command, SelftestOptions& options);

}  // namespace contend::ab
