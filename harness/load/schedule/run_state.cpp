// The limit of requests.
#include "harness/load/schedule/run_state.hpp"

namespace contend::load {

static_assert(std::atomic<TimePoint>::is_always_lock_free);

bool RunState::reserve() noexcept {
  std::uint64_t left = left_.load(std::memory_order_relaxed);
  while (left > 0 && !left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
  }
  return left > 0;
}

}  // namespace contend::load
