// Who looks at the clock while others drive the sessions: says each second that it is over, and
// that the run is.
#pragma once

#include <functional>

#include "engines/stop.hpp"
#include "workloads/session.hpp"

namespace contend::load {

/// One thread waits; others may say that the sessions have ended.
class Timekeeper {
 public:
  /// `begin` may be to come. `interrupted` ends the waiting, too.
  Timekeeper(TimePoint begin, TimePoint end, StopToken interrupted)
      : begin_(begin), end_(end), interrupted_(interrupted) {}

  /// Returns at the beginning, or before it as `wait` does.
  void wait_for_begin();
  /// Returns at the end, or before it when interrupted or when the sessions have ended.
  /// `each_second` is called after each second but the last.
  void wait(const std::function<void(TimePoint)>& each_second);
  void sessions_ended() noexcept { sessions_ended_.request(); }

  /// How much of the waiting it was woken too late: while it slept, nobody kept it from running but
  /// by having its CPU, or stopping the whole process.
  Duration late() const { return late_; }

 private:
  /// Whether nobody has ended it.
  bool sleep_until(TimePoint time);

  TimePoint begin_, end_;
  StopToken interrupted_;
  StopSource sessions_ended_;
  Duration late_{};
};

}  // namespace contend::load
