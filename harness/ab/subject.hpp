// What is compared: two sides that have the same cells, and how one slice of a cell is measured. A
// subject is two hosts, two programs of micro-benchmarks (benchmarks.hpp), or two programs of cases
// whose instructions are counted (counting.hpp). It judges nothing, and knows no order of slices.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/ab/sides.hpp"
#include "harness/ab/slices.hpp"
#include "harness/process/programs.hpp"

namespace contend::ab {

/// What a subject is asked and measured with. Borrowed, for as long as it lives.
struct Setting {
  const Guard& guard;
  const Programs& programs;
  StopToken stop{};
};

/// One slice of a cell of a side: its metrics, or the reason why there are none. Its round and
/// order are filled in afterwards. Throws Interrupted.
using MeasureSide =
    std::function<Sample(const MeasuredSide& side, std::size_t cell, const Placement& placement)>;

struct Subject {
  std::string suite;                    ///< What the run is called by.
  MeasuredSide base{}, head{};          ///< With the same cells, in the same order.
  std::vector<ScreenedCell> cells{};    ///< These, each with all that can be compared of it.
  std::vector<std::string> left_out{};  ///< A line for each cell that only one side has.
  MeasureSide measure{};
  /// Every slice of a side says the same, however long it is measured: one block of each cell tells
  /// all, and no statistics are needed.
  bool is_exact = false;
};

/// What `measure` says, with the noise of that time among its metrics.
Sample with_noise(const std::function<Sample()>& measure);

}  // namespace contend::ab
