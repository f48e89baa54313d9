// An option of a command line that is a time, as in --duration 10s.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "workloads/session.hpp"

namespace contend {

/// What is no time (load::parse_time) is refused as CLI11 refuses other things. `time` must outlive
/// the parsing.
CLI::Option* add_time(CLI::App& command, const std::string& names, Duration& time,
                      const std::string& meaning);

}  // namespace contend
