// What all cells of a run have in common.
#pragma once

#include <string>

#include "engines/stop.hpp"
#include "harness/machine/placement.hpp"
#include "harness/process/guard.hpp"
#include "harness/process/host_list.hpp"

namespace contend {

/// How long a process is waited for. Whatever takes longer hangs, and is a failed sample.
struct Patience {
  Duration listening = std::chrono::seconds(5);   ///< From its start to its port.
  Duration answer = std::chrono::seconds(5);      ///< To the one correct answer.
  Duration connected = std::chrono::seconds(15);  ///< Until the load has all its connections.
  Duration beyond_window = std::chrono::seconds(5);
  Duration whole = std::chrono::seconds(60);  ///< For a drive or a run.
  /// The host protocol's second, and some grace: of an interpreter with thousands of threads, the
  /// one that the signal is for waits its turn for the lock, which may take a second each time.
  Duration stop = std::chrono::seconds(4);
};

/// What all cells of a run have in common.
struct Bench {
  const Guard& guard;
  const Host& host;    ///< Who is measured, by which command.
  std::string origin;  ///< The host program that plays the server where the engine is the client.
  std::string load;    ///< The program that makes the load: this one.
  Placement placement;
  Patience patience{};
  StopToken stop{};
};

}  // namespace contend
