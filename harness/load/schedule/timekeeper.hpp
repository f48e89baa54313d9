// Keeps the time of a load while other threads drive the sessions. It decides nothing: it sleeps,
// and says what woke it.
#pragma once

#include <functional>

#include "engines/stop.hpp"
#include "workloads/session.hpp"

namespace contend::load {

/// One thread waits; others may say that the sessions have ended.
class Timekeeper {
 public:
  enum class Woken { by_time, by_event, by_interruption, by_end_of_sessions };

  /// The waiting also ends when the descriptor `interruption` becomes readable (borrowed; -1:
  /// never).
  explicit Timekeeper(int interruption) : interruption_(interruption) {}

  /// Waits until `time`, or until the descriptor `event` becomes readable (-1: none). Throws
  /// std::system_error.
  Woken wait_until(TimePoint time, int event = -1);
  /// Waits until `end`, and calls `each_second` after each second since `begin` but the last.
  void wait(TimePoint begin, TimePoint end, const std::function<void(TimePoint)>& each_second);
  void sessions_ended() noexcept { sessions_ended_.request(); }

  /// Returns by how much `wait` was woken too late in all: while it slept, it could be kept from
  /// running only by others on its CPU, or by a stop of the whole process.
  Duration late() const { return late_; }

 private:
  int interruption_;
  StopSource sessions_ended_;
  Duration late_{};
};

}  // namespace contend::load
