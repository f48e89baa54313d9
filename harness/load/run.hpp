// One run of load against one server: sets the sessions up, drives them until the time is over or
// the requests are, and says what came of it. It starts no server.
#pragma once

#include <functional>

#include "engines/stop.hpp"
#include "harness/load/recording/rows.hpp"
#include "harness/load/run_report.hpp"
#include "harness/load/run_spec.hpp"

namespace contend::load {

/// So far, once a second.
struct Progress {
  const Row& row;       ///< Of the last second.
  const Counts& total;  ///< Since the beginning.
};

/// `each_second` is called about once a second with what there is so far. Throws
/// std::invalid_argument where the target is not on this machine, the parameters don't fit together
/// or the server to be watched is none; std::runtime_error where there are too few descriptors or
/// ports, with the command that mends it. Everything is closed afterwards.
RunReport run(const RunSpec& spec, StopToken stop,
              const std::function<void(const Progress&)>& each_second);

}  // namespace contend::load
