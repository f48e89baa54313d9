// The slices of both sides, in the order in which they were measured, and the measuring of them: a
// screen of all cells, then more of those that are in doubt. It starts no process itself.
//   Slices slices(cells, plan, measure, now); slices.run(); slices.evidence()
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/ab/judge.hpp"
#include "harness/ab/plan.hpp"
#include "harness/bench/sample.hpp"

namespace contend::ab {

struct ScreenedCell {
  std::string id;
  std::vector<ComparedMetric> metrics;
};

struct Plan {
  std::uint64_t seed = 0;
  Duration budget{};  ///< Of all; no block begins that would not end within it.
  Duration screen{};  ///< Of that, for all cells alike.
  Rules rules{};
};

/// A cell is given up where all slices of a side failed, in so many blocks.
inline constexpr unsigned blocks_to_give_up = 2;

/// One slice of a cell; its round and order, and the noise of its time, are filled in by whoever
/// measures it. May throw, which ends the run.
using MeasureSlice =
    std::function<Sample(Which side, std::size_t cell, unsigned block, unsigned place)>;

class Slices {
 public:
  enum class Stage : std::uint8_t { screen, confirmation };
  /// Called before each block: where the run is, and how long it may still take.
  using Announce = std::function<void(Stage stage, std::size_t cell, Duration left)>;

  Slices(std::vector<ScreenedCell> cells, Plan plan, MeasureSlice measure,
         std::function<TimePoint()> now, Announce announce);

  /// Screens and confirms. What was measured stays when it throws.
  void run();

  /// By cell and metric, with verdicts, as far as it was measured.
  std::vector<Evidence> evidence() const;

 private:
  struct Measured {
    std::vector<Sample> slices;  // two by two they are pairs
    std::vector<Which> sides;
    std::size_t screened = 0;  // of the slices, those of the screen
    unsigned blocks = 0;
    Duration took{};
  };

  bool is_hopeless(std::size_t cell) const;
  bool run_block(Stage stage, std::size_t cell, TimePoint deadline);
  void screen(TimePoint deadline);
  void confirm(TimePoint deadline);
  std::vector<Pair> pairs(std::size_t cell, std::size_t begin, std::size_t end) const;
  std::vector<Evidence> weigh_all(std::size_t cell, std::size_t begin, std::size_t end) const;

  std::vector<ScreenedCell> cells_;
  Plan plan_;
  MeasureSlice measure_;
  std::function<TimePoint()> now_;
  Announce announce_;
  std::vector<Measured> measured_;
};

}  // namespace contend::ab
