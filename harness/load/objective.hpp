// What is asked of a server under load, as it is written on the command line, and whether a run has
// kept it. It measures nothing.
//   Objective::parse("p99<5ms,errors<0.1%")
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/run.hpp"

namespace contend::load {

/// One condition. The `limit` is in nanoseconds of a time, in percent of a share, a number of
/// errors, or answers a second.
struct Term {
  enum class Quantity : std::uint8_t { percentile, max, mean, errors, error_share, rate };
  enum class Relation : std::uint8_t { below, at_most, equal, above, at_least };

  Quantity quantity = Quantity::percentile;
  double percentile = 0;  ///< Between 0 and 100, in steps of 0.001; of `percentile`.
  Relation relation = Relation::below;
  double limit = 0;

  std::string text() const;
  bool is_time() const;
  friend bool operator==(const Term&, const Term&) = default;
};

/// Kept where every term is.
struct Objective {
  std::vector<Term> terms;  ///< At least one.

  /// Terms with commas between them: p99<5ms, max<=1s, mean<2ms, errors<0.1%, errors=0, rate>1000.
  /// Throws std::invalid_argument that names the term and the form.
  static Objective parse(std::string_view text);
  /// The shortest that `parse` reads as this one.
  std::string text() const;
  /// So many requests, at least, make each term's figure more than one or two of them: five beyond
  /// the percentile, or at the limit of the errors.
  double min_requests() const;
  friend bool operator==(const Objective&, const Objective&) = default;
};

/// What became of one term.
struct EvaluatedTerm {
  Term term{};
  bool held = false;
  std::optional<double> measured{};  ///< As `Term::limit`; null where nothing was answered.
  std::string words{};               ///< A line: the term, whether it held, what was measured.
};

struct Judgement {
  Objective objective{};
  std::vector<EvaluatedTerm> terms{};
  bool held() const;
};

/// Returns the number of errors: requests and attempts to connect that failed, requests that were
/// dropped or were due for long and never sent and, if nobody was answered any more when the run
/// ended, those in flight. If answers came until the end, what was in flight is no error.
std::uint64_t errors_of(const RunReport& report);

/// Times are response time of an open loop, service time of a closed one. If nothing was answered,
/// or nothing any more when the run ended, no term holds.
Judgement judge(const Objective& objective, const RunReport& report);

/// A line a term.
std::string text(const Judgement& judgement);

/// `objective` in results/schema.json.
nlohmann::json to_json(const Judgement& judgement);

}  // namespace contend::load
