// Comparing what is the same each time it is measured, such as a number of instructions: no
// statistics, but a check that it is the same. Each side is measured twice, in turns.
//   Counts counts(cells, seed, rules, measure, announce); counts.run(); counts.comparisons()
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/ab/judge.hpp"
#include "harness/ab/slices.hpp"

namespace contend::ab {

/// The ratio of the costs with an interval of no width, judged by the band of the smallest effect
/// alone; p-values are absent, since no chance is in it. Invalid where a slice failed or lacks the
/// metric, where a side has fewer than two, or where two of a side differ. Slices are borrowed.
Comparison compare_exactly(const std::string& cell, const ComparedMetric& metric,
                           std::span<const Sample* const> base, std::span<const Sample* const> head,
                           const Rules& rules);

class Counts {
 public:
  /// Called before each slice: how many were measured, of all.
  using Announce = std::function<void(std::size_t done, std::size_t all, std::size_t cell)>;

  Counts(std::vector<ScreenedCell> cells, std::uint64_t seed, Rules rules, MeasureSlice measure,
         Announce announce);

  /// One block of each cell. What was measured stays when it throws.
  void run();
  /// By cell and metric, as far as it was measured.
  std::vector<Comparison> comparisons() const;

 private:
  struct Measured {
    std::vector<Sample> base, head;
  };
  std::vector<ScreenedCell> cells_;
  std::uint64_t seed_;
  Rules rules_;
  MeasureSlice measure_;
  Announce announce_;
  std::vector<Measured> measured_;
};

}  // namespace contend::ab
