// How long a client session waits before it connects again: twice as long after each failure, up to
// a limit, so that a server that is gone or overloaded is not hammered. Not a timer: the engine
// does the waiting (Step::not_before).
#pragma once

#include <algorithm>
#include <chrono>

#include "workloads/session.hpp"

namespace contend {

inline constexpr Duration shortest_backoff = std::chrono::milliseconds(1);
inline constexpr Duration longest_backoff = std::chrono::seconds(1);

class Backoff {
 public:
  /// The wait after one more failure.
  Duration next() {
    const Duration wait = wait_;
    wait_ = std::min(wait_ * 2, longest_backoff);
    return wait;
  }
  /// A good reply came: the next failure is the first again.
  void reset() { wait_ = shortest_backoff; }

 private:
  Duration wait_ = shortest_backoff;
};

}  // namespace contend
