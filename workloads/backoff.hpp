// How long a client session waits before it connects again after a failure. The wait is short, so
// that a server that comes back is noticed at once, and random, so that the connections of a load
// do not all try at the same moment. Not a timer: the engine does the waiting (Step::not_before).
#pragma once

#include <algorithm>
#include <chrono>

#include "workloads/session.hpp"
#include "workloads/split_mix.hpp"

namespace contend {

inline constexpr Duration shortest_backoff = std::chrono::milliseconds(1);
inline constexpr Duration max_backoff = std::chrono::milliseconds(8);
/// All clients of a thread together try no more often than once in this time, in the mean: their
/// attempts must not take the CPU that the server needs to come back.
inline constexpr Duration between_attempts = std::chrono::microseconds(100);

class Backoff {
 public:
  /// `client` makes the waits of one client differ from another's; `clients` is the number of those
  /// that share its thread.
  Backoff(std::uint32_t client, std::uint32_t clients)
      : random_(client), max_(std::max(max_backoff, between_attempts * clients)) {}

  /// Returns the wait after one more failure: a random time between half of the current limit and
  /// all of it. The limit doubles with each failure, from `shortest_backoff` to `max_backoff`,
  /// or to a longer time if there are many clients.
  Duration next() {
    const Duration limit = limit_;
    limit_ = std::min(limit_ * 2, max_);
    const auto half = static_cast<std::uint64_t>((limit / 2).count());
    return limit / 2 + Duration(static_cast<Duration::rep>(random_() % (half + 1)));
  }
  /// A good reply came: the next failure is the first again.
  void reset() { limit_ = shortest_backoff; }

 private:
  SplitMix random_;
  Duration max_;
  Duration limit_ = shortest_backoff;
};

}  // namespace contend
