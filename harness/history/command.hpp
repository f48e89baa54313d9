// contend history: what its command line can ask for.
#pragma once

#include <cstdint>
#include <string>

#include "harness/history/series.hpp"

namespace CLI {
class App;
}

namespace contend::history {

inline constexpr const char* usual_file = "results/history.sqlite";
/// For Selection::machine on the command line: every one.
inline constexpr const char* every_machine = "all";

struct Options {
  enum class Action : std::uint8_t { add, show, check, write_out };

  Action action = Action::show;
  std::string file = usual_file;
  std::string result, commit, time;  ///< Of `add`; empty: the result's own.
  Selection selection;               ///< Without a machine: this one.
  std::size_t last_shown = 20, last_checked = 10;
  ChangeRule rule;
  std::string format = "json";
  bool json = false;
};

/// 0, and of `check` 1 where a recent change is for the worse and 3 where no series has enough
/// commits. Throws std::invalid_argument for wrong use, and for what is wrong with the files.
int run_command(const Options& options);

/// Adds `add`, `show`, `check` and `export` to `command`, with their own options.
void add_commands(CLI::App& command, Options& options);

}  // namespace contend::history
