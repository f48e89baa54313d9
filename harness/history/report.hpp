// The history for people and for other programs: tables, CSV, and JSON as in results/schema.json.
// It decides nothing.
//   fmt::print("{}", series_table(series, 20, false));
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "harness/history/series.hpp"

namespace contend::history {

/// The newest of `ratios` as characters by height, at most `last`. The lowest of them is at the
/// bottom and the highest at the top, but all heights together are a tenth of the ratio at least,
/// so that noise looks flat. `unicode`: blocks, else ASCII.
std::string sparkline(std::span<const Point> points, std::size_t last, bool unicode);

/// A table for each machine, suite and reference, a line a series; the newest of `last` points as a
/// sparkline.
std::string series_table(const std::vector<Series>& all, std::size_t last, bool unicode);
/// A table for each series, a line for each of its `last` points.
std::string points_table(const std::vector<Series>& all, std::size_t last);

/// A change of one of the series.
struct FoundChange {
  const Series* series = nullptr;  ///< Borrowed.
  Change change;
  bool recent = false;  ///< Its first commit is one of the newest that were asked for.

  bool worse() const { return change.after > change.before; }
  const Point& point() const { return series->points[change.index]; }
};

struct Check {
  enum class Verdict : std::uint8_t { steady, worse, too_few };

  std::size_t last = 0;
  ChangeRule rule;
  std::size_t judged = 0, too_short = 0;  ///< Series, by whether they have enough commits.
  std::size_t longest = 0;                ///< Commits of the longest.
  std::vector<FoundChange> changes;       ///< All of them, by series.

  /// Worse where any recent change is.
  Verdict verdict() const;
};
/// Borrows the series.
Check check_series(const std::vector<Series>& all, const ChangeRule& rule, std::size_t last);
std::string check_text(const Check& check);

nlohmann::json history_json(const std::vector<Series>& all);
nlohmann::json check_json(const Check& check);
/// A line a point, with a heading; RFC 4180, but with \n.
std::string history_csv(const std::vector<Series>& all);

}  // namespace contend::history
