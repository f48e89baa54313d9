// The history of one metric of one cell: a ratio to the reference for each commit, and where its
// level changed. It knows no file.
//   for (const Change& change : changes_of(series, {})) series.points[change.index].commit;
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/stats/change_points.hpp"

namespace contend::history {

struct Point {
  std::string commit, at;
  double ratio = 1;  ///< Cost of the commit by cost of the reference, which is above 1 where worse.
  std::optional<double> low{}, high{};
  ab::Verdict verdict = ab::Verdict::unchanged;
  std::uint64_t pairs = 0;

  /// Its noise is known to be beyond all limits, so that it is shown but judges nothing.
  bool judges() const { return verdict != ab::Verdict::invalid; }
};

struct Series {
  std::string machine;         ///< The fingerprint.
  std::string reference;       ///< The base's sha256 and arguments; its name where it has no hash.
  std::string reference_name;  ///< What people called it last.
  std::string suite, cell, metric;
  std::vector<Point> points;  ///< By time.

  /// How many points judge.
  std::size_t commits() const;
  bool long_enough() const { return commits() >= min_commits; }
};

/// As change_points, of the points that judge; the indices are those of `points`.
std::vector<Change> changes_of(const Series& series, const ChangeRule& rule);

/// Which series are wanted. What is empty wants all.
struct Selection {
  std::string cell;  ///< A pattern as in glob(7), whose * also stands for slashes.
  std::string metric, machine;

  bool wants(const Series& series) const;
};

}  // namespace contend::history
