// A report of a share as bytes, for another process of the same program: no format to keep.
#pragma once

#include <string>
#include <string_view>

#include "harness/load/run.hpp"

namespace contend::load {

/// All but `ranks` and what there is of a watched server.
std::string packed(const RunReport& report);

/// Throws std::runtime_error where it is none.
RunReport unpacked(std::string_view bytes);

}  // namespace contend::load
