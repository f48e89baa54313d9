// What comparing two sides found, as ab.json holds it (results/README.md, results/schema.json): the
// one place that writes and reads it. It judges nothing.
//   write_json(to_json(result)); parse_ab_result(parse_json(text, file), file)
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/bench/result.hpp"

namespace contend::ab {

inline constexpr int ab_schema_version = 1;

/// In the order in which they are shown: what asks for attention comes first.
enum class Verdict : std::uint8_t { regressed, invalid, inconclusive, improved, unchanged };
inline constexpr Verdict all_verdicts[] = {Verdict::regressed, Verdict::invalid,
                                           Verdict::inconclusive, Verdict::improved,
                                           Verdict::unchanged};
std::string_view to_string(Verdict verdict);

/// Of a ratio. What is not known is absent.
struct Ratio {
  double estimate = 1;
  std::optional<double> low{}, high{};
};

/// One metric of one cell on both sides.
struct Comparison {
  std::string cell, metric;
  Verdict verdict = Verdict::inconclusive;
  std::optional<std::string> reason{};  ///< In words, of an invalid or inconclusive one.
  /// It was in doubt after the screen, and is judged by slices that were measured afterwards.
  bool confirmed = false;
  std::size_t pairs = 0, excluded_pairs = 0;  ///< Used; and left out for noise or a failed slice.
  /// Cost of the head by cost of the base, which is above 1 where the head is worse, whatever the
  /// metric; absent without pairs.
  std::optional<Ratio> ratio{};
  /// One-sided, of there being no such difference; before Holm's correction.
  std::optional<double> p_regressed{}, p_improved{};
  double smallest_effect = 0;            ///< A share: 0.02 is 2 %. Less does not matter.
  std::optional<double> base{}, head{};  ///< Medians, in the metric's own unit.
};

/// A cell without its samples, which are in the results of the two sides.
struct ComparedCell {
  struct Slices {
    unsigned good = 0, failed = 0, client_limited = 0, noisy = 0;
  };
  std::string id, engine, workload, variant;
  Role role = Role::serve;
  unsigned connections = 0;  ///< 0 where the role has none.
  Slices base{}, head{};
  std::optional<std::string> reason{};  ///< The newest of a failed or skipped slice.
};

struct Side {
  std::string name;                     ///< What people call it: a revision, or its command.
  std::vector<std::string> command{};   ///< The host, or of a stored result that run's command.
  std::optional<std::string> sha256{};  ///< Of the program, where it is one file.
};

struct AbRun {
  std::string id, suite;
  std::uint64_t seed = 0;
  bool interleaved = true;  ///< False: two stored results, measured at different times.
  bool complete = false;
  Duration slice{}, budget{};        ///< Zero where not interleaved.
  double alpha = 0, confidence = 0;  ///< Of false alarms in the suite; of each interval.
  std::string started_at;
  std::optional<std::string> finished_at{};
  std::vector<std::string> command{};
};

struct AbResult {
  AbRun run;
  Machine machine;
  BuildRecord harness;  ///< With the engine binary beside it, which is the server of clients.
  Placement placement;
  Noise noise;
  Side base, head;
  std::vector<ComparedCell> cells;
  std::vector<Comparison> comparisons;  ///< By cell, in the order of `cells`.

  std::size_t count(Verdict verdict) const;
  /// Regressed where any is, else invalid where any is, and so on in the order of Verdict; but
  /// improved only where something is, and invalid where nothing was compared.
  Verdict verdict() const;
};

nlohmann::json to_json(const AbResult& result);
/// Strict. Throws std::invalid_argument that names `where` and the field.
AbResult parse_ab_result(const nlohmann::json& json, const std::string& where);

}  // namespace contend::ab
