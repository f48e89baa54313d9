// Measures one cell once: starts its processes, waits until they are ready, measures, stops them.
// It knows commands and the host protocol, never engines.
#pragma once

#include <functional>
#include <string>

#include "harness/guard.hpp"
#include "harness/host_list.hpp"
#include "harness/placement.hpp"
#include "harness/sample.hpp"
#include "harness/suite.hpp"

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

/// One sample, without its round and order. Whatever the engine does wrong is in it as the reason.
/// Afterwards nothing that was started is left. Throws Interrupted when `bench.stop` was requested.
Sample measure(const Bench& bench, const Cell& cell);

/// The sample of a cell as `fill` fills it. What that throws of a child or of what it said is the
/// sample's reason, and so is a process that it leaves behind, which is ended; Interrupted is
/// thrown on.
Sample sample_of(const Guard& guard, const std::string& cell,
                 const std::function<void(Sample&)>& fill);

}  // namespace contend
