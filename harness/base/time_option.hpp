// An option of a command line that is a time, as in --duration 10s.
#pragma once

#include <string>

#include "workloads/session.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace contend {

/// What is no time (parse_time) is refused as CLI11 refuses other things. `time` must outlive
/// the parsing.
CLI::Option* add_time(CLI::App& command, const std::string& names, Duration& time,
                      const std::string& meaning);

}  // namespace contend
