// Times as they are written on a command line, such as 200ms.
#pragma once

#include <string_view>

#include "workloads/session.hpp"

namespace contend {

/// A time as it is written on a command line: a number and us, ms, s, m or h, such as 200ms, or of
/// seconds where there is no unit. Throws std::invalid_argument unless it is from 1us to 24h.
Duration parse_time(std::string_view text);

}  // namespace contend
