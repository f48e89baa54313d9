// A piece of work that waits, then computes. What an engine's `run` role plays.
#pragma once

#include <cstdint>

#include "workloads/session.hpp"

namespace contend {

/// The first part says what to do, the second is written by the engine. Jobs lie in memory shared
/// with child processes (SharedArray), so a job may be performed in any thread or process.
struct Job {
  Duration wait{};  ///< Sleep this long first; 0 for none.
  std::uint64_t (*compute)(std::uint64_t) =
      nullptr;  ///< Then this; null for a job that only waits.
  std::uint64_t argument = 0;
  std::uint64_t expected = 0;  ///< What `compute(argument)` must return.

  TimePoint started{};    ///< The job was taken up.
  TimePoint computing{};  ///< The wait was over and the job got to run.
  TimePoint finished{};   ///< Default-constructed: it never finished.
  std::uint64_t result = 0;

  /// Takes the job up. The engine then waits for `wait` in its own idiom.
  void start() { started = Clock::now(); }
  /// Runs the computation on this thread and records result and finish.
  void perform() {
    computing = Clock::now();
    if (compute != nullptr) result = compute(argument);
    finished = Clock::now();
  }
  bool correct() const { return finished != TimePoint{} && result == expected; }
};

}  // namespace contend
