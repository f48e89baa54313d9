// Reading the rates of a sweep, as they are written on the command line.
#pragma once

#include <string_view>
#include <vector>

namespace contend::load {

/// "FROM:TO:POINTS", evenly from the one to the other, or rates a second with commas between them.
/// Throws std::invalid_argument that shows the form, unless there are up to 100 and all are above
/// 0.
std::vector<double> parse_sweep(std::string_view text);

}  // namespace contend::load
