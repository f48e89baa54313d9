// The requests of an open loop that are due, in one queue for all connections: no slow answer
// delays the schedule. It has no clock: whoever asks says what time it is.
//   Arrivals arrivals(Schedule::constant(1000, 10s), begin);
//   send_at(arrivals.claim(now));
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "harness/load/schedule/schedule.hpp"

namespace contend::load {

/// A free connection claims the next arrival, also one that is still to come, and sends when it is
/// due. Where none was free in time, what is overdue waits in a queue, and its waiting counts. So
/// each request goes out at its time if any connection was free by then.
class Arrivals {
 public:
  /// `shared`: from several threads at once, which takes a lock each time.
  Arrivals(const Schedule& schedule, TimePoint begin, bool shared = false)
      : times_(schedule, begin), queue_limit_(schedule.queue_limit), shared_(shared) {}

  /// When the next one is due, in the order of their times; it is taken. TimePoint::max() where
  /// none is left.
  TimePoint claim(TimePoint now);
  /// The same of one that is due; null where none is.
  std::optional<TimePoint> claim_due(TimePoint now);

  /// Takes one back that was claimed and has not been sent. It is claimed again in the order of its
  /// time.
  void give_back(TimePoint due);

  /// Returns when those were due that are due by now and not claimed, earliest first.
  std::vector<TimePoint> waiting(TimePoint now);
  /// So many became due and were never claimed, since the queue was full.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  /// The most that ever waited at once.
  std::size_t max_waiting() const { return max_waiting_; }

 private:
  /// Of nothing where nobody else is there.
  std::unique_lock<std::mutex> lock() const {
    return shared_ ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
  }
  std::size_t queued() const { return queue_.size() - taken_; }
  void catch_up(TimePoint now);
  TimePoint next() const;
  TimePoint take();

  DueTimes times_;
  std::size_t queue_limit_;
  bool shared_;
  mutable std::mutex mutex_;
  std::vector<TimePoint> queue_;  // overdue; those before `taken_` have been claimed
  std::size_t taken_ = 0, max_waiting_ = 0;
  std::vector<TimePoint> returned_;  // a heap of those that were given back, the earliest on top
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace contend::load
