// Reading rates that change, from the command line and from files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/load/schedule/schedule.hpp"

namespace contend::load {

/// "FROM:TO:TIME", a line between two rates per second, or "FROM:TO:TIME:STEPS", so many equal
/// steps from the one to the other. Throws std::invalid_argument that shows the form.
std::vector<Stage> parse_ramp(std::string_view text);

/// A JSON array of {"duration": "30s", "rate_per_s": 1000} and {"duration": "1m", "from_per_s":
/// 100, "to_per_s": 1000}. Throws std::invalid_argument that names the stage and the field.
std::vector<Stage> parse_stages(std::string_view json);

}  // namespace contend::load
