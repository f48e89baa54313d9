// What the threads of a load share: what is still to be sent, what is measured, and whether the
// load has ended.
#pragma once

#include <atomic>
#include <optional>

#include "harness/load/schedule/arrivals.hpp"

namespace contend::load {

/// May be used from any thread.
class RunState {
 public:
  /// `schedule` is the open loop's, from `begin` on; without it, each answer is followed by the
  /// next request. `requests`: how many may be sent in all; 0: as many as there is time for.
  /// `shared`: by several threads. What ends before `measured_from` belongs to the warm-up.
  RunState(const std::optional<Schedule>& schedule, TimePoint begin, std::uint64_t requests,
           bool shared, TimePoint measured_from = TimePoint::min())
      : arrivals_(schedule ? std::optional<Arrivals>(std::in_place, *schedule, begin, shared)
                           : std::optional<Arrivals>()),
        limited_(requests > 0),
        left_(requests),
        measured_from_(measured_from) {}

  /// Ends the warm-up at `time`.
  void measure_from(TimePoint time) noexcept {
    measured_from_.store(time, std::memory_order_relaxed);
  }
  bool is_warm_up(TimePoint time) const noexcept {
    return time < measured_from_.load(std::memory_order_relaxed);
  }
  /// Returns whether what ends at `time` is recorded.
  bool is_measured(TimePoint time) const noexcept {
    return !is_warm_up(time) && time < measured_until_.load(std::memory_order_relaxed);
  }

  /// No session sends anything after this. What ends at `measured_until` or later is not recorded.
  void end(TimePoint measured_until = TimePoint::max()) noexcept {
    measured_until_.store(measured_until, std::memory_order_relaxed);
    ended_.store(true, std::memory_order_relaxed);
  }
  bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }

  /// Returns whether the number of requests is limited, so that each has to be reserved.
  bool is_limited() const noexcept { return limited_; }
  /// Reserves one of the requests that may still be sent. Returns false if none is left.
  bool reserve() noexcept;
  /// Gives back what `reserve` took.
  void release() noexcept { left_.fetch_add(1, std::memory_order_relaxed); }
  /// Number of requests that may still be reserved.
  std::uint64_t left() const noexcept { return left_.load(std::memory_order_relaxed); }

  bool is_open_loop() const noexcept { return arrivals_.has_value(); }
  /// Only of an open loop.
  Arrivals& arrivals() { return *arrivals_; }

 private:
  std::optional<Arrivals> arrivals_;
  bool limited_;
  std::atomic<std::uint64_t> left_;
  std::atomic<TimePoint> measured_from_, measured_until_{TimePoint::max()};
  std::atomic<bool> ended_{false};
};

}  // namespace contend::load
