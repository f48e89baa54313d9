// When the requests of an open loop are to be sent: a schedule that no slow answer delays, and one
// queue for all connections. It has no clock: whoever asks says what time it is.
//   Arrivals arrivals({.rate_per_s = 1000}, begin, begin + 10s);
//   while (arrivals.more()) send_at(arrivals.claim(now));
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "workloads/session.hpp"

namespace contend::load {

enum class Law : std::uint8_t {
  uniform,  ///< The same time between any two.
  poisson,  ///< Exponentially distributed times between them, as of many independent users.
};
std::string_view to_string(Law law);

struct Schedule {
  double rate_per_s = 1;  ///< Above 0.
  Law law = Law::uniform;
  std::uint64_t seed = 1;  ///< Of `poisson`.
  std::size_t queue_limit =
      1'000'000;  ///< Due and not claimed, at most; above it they are dropped.
};

/// A free connection claims the next arrival, also one that is still to come, and sends when it is
/// due. Where none was free in time, what is overdue waits in a queue, and its waiting counts. So
/// each request goes out at its time if any connection was free by then. One thread at a time.
class Arrivals {
 public:
  /// The first is due at `begin`, of `poisson` after it, the last before `end`.
  Arrivals(const Schedule& schedule, TimePoint begin, TimePoint end);

  /// Whether one is left, due or to come.
  bool more() const { return waiting() > 0 || next_ < end_; }
  /// Whether one is due that nobody has claimed.
  bool has_due(TimePoint now);
  /// When the next one is due, in the order of their times; it is taken. `more()` must hold.
  TimePoint claim(TimePoint now);
  /// The same of one that is due; null where none is.
  std::optional<TimePoint> claim_due(TimePoint now) {
    return waiting(now) > 0 ? std::optional(take_queued()) : std::nullopt;
  }

  /// So many became due and were never claimed, since the queue was full.
  std::uint64_t dropped() const { return dropped_; }
  /// Due now and not claimed.
  std::size_t waiting(TimePoint now);
  /// The most that ever waited at once.
  std::size_t most_waiting() const { return most_waiting_; }

 private:
  std::size_t waiting() const { return queue_.size() - taken_; }
  void catch_up(TimePoint now);
  TimePoint take_queued();
  TimePoint following();

  Schedule schedule_;
  TimePoint begin_, end_;
  TimePoint next_;            // the first that is neither queued nor claimed
  std::uint64_t number_ = 0;  // of `next_`
  double elapsed_ns_ = 0;     // from the beginning to `next_`, of `poisson`
  std::mt19937_64 random_;
  std::vector<TimePoint> queue_;  // overdue; those before `taken_` have been claimed
  std::size_t taken_ = 0, most_waiting_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace contend::load
