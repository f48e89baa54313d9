// The two hosts that are compared: asked what they can play, and what of that both can.
#pragma once

#include <string>
#include <vector>

#include "harness/ab/plan.hpp"
#include "harness/bench/cell.hpp"
#include "harness/bench/result.hpp"

namespace contend::ab {

/// "python3 'my host.py' --fast" as words: parted by spaces, but for those within quotes. Throws
/// std::invalid_argument for none, and for a quote without an end.
std::vector<std::string> words_of(const std::string& command);

/// A host that can be measured, or a program that is told of as if it were one. What of it is
/// measured is given as cells of its own, since its workloads may have parameters that the other
/// one's have not.
struct MeasuredSide {
  Side side;
  Host host;
  std::vector<Cell> cells;
};

/// Asks the host what it can play. Throws std::invalid_argument where there is no such program,
/// what Child throws where it does not answer as a host does.
MeasuredSide ask_side(const Guard& guard, const std::string& command, const std::string& name,
                      const StopToken& stop);

/// Fills both sides' cells with what both can play here, in the same order. Returns a line for each
/// cell that only one can.
std::vector<std::string> match_cells(const Suite& suite, const Selection& selection, Duration slice,
                                     MeasuredSide& base, MeasuredSide& head);

}  // namespace contend::ab
