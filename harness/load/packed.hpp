// A report of a share as bytes, for another process of the same program: no format to keep.
#pragma once

#include <string>
#include <string_view>

#include "harness/load/run.hpp"

namespace contend::load {

/// All but `ranks`.
std::string packed(const RunReport& report);

/// Throws std::runtime_error where it is none.
RunReport unpacked(std::string_view bytes);

}  // namespace contend::load
