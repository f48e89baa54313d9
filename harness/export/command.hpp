// contend export: what its command line can ask for.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace contend::exports {

struct Options {
  std::vector<std::string> results;
  std::string format, out;  ///< Without `out`, to standard output.
  std::optional<std::string> direction, side, inconclusive, branch;
};

/// 0, whatever the results say: that is for `contend ab` to tell. Throws std::invalid_argument for
/// wrong use and for what is no result.
int run_command(const Options& options);

/// Adds all of them to `command`, and the list of formats to its help.
void add_options(CLI::App& command, Options& options);

}  // namespace contend::exports
