// One run of load against one server: sets the sessions up, drives them until the time is over or
// the requests are, and says what came of it. It starts no server.
#pragma once

#include <functional>

#include "engines/stop.hpp"
#include "harness/load/recording/rows.hpp"
#include "harness/load/run_report.hpp"
#include "harness/load/run_spec.hpp"

namespace contend::load {

/// The state of a run after each second.
struct Progress {
  const Row& row;       ///< The last second.
  const Counts& total;  ///< Since the beginning.
};

/// Runs the load and returns its report. `each_second` is called about once a second. Throws
/// std::invalid_argument if the target is not on this machine, the parameters don't fit together
/// or the process of the server does not exist; std::runtime_error if there are too few descriptors
/// or ports, with the command that fixes it. All is closed afterwards.
RunReport run(const RunSpec& spec, StopToken stop,
              const std::function<void(const Progress&)>& each_second);

}  // namespace contend::load
