// Suites that are simulated from slices that were recorded. The slices of both sides are of the
// same program, so that it does not matter which is called the base: each simulated suite calls
// them anew, in the order in which they were measured, so that all noise that lasts longer than a
// slice stays as it was. Nothing is measured.
//   Replay replay(base, head); replay.suite({.budget = 15min, ...}, 1.05, seed)
#pragma once

#include <string>
#include <vector>

#include "harness/ab/slices.hpp"
#include "harness/bench/result.hpp"

namespace contend::ab {

class Replay {
 public:
  /// Of the two sides of a comparison of a program with itself. Throws std::invalid_argument where
  /// they have no whole block of a cell.
  Replay(const Result& base, const Result& head);

  std::size_t cells() const { return cells_.size(); }
  std::size_t comparisons() const;

  /// What `contend ab` would have said of a suite whose head costs `slowdown` times as much in all
  /// but memory, in the time of the plan. Each cell's record begins at a place of its own, chosen
  /// by the plan's seed; where a suite wants more slices than there are, it begins again.
  std::vector<Evidence> suite(const Plan& plan, double slowdown) const;

 private:
  struct Recorded {
    ScreenedCell cell;
    std::vector<Sample> slices;  // whole blocks, in the order in which they were measured
    Duration each{};             // what a slice took, as a median
  };
  std::vector<Recorded> cells_;
};

}  // namespace contend::ab
