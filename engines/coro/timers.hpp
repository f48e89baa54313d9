// Points in time that coroutines wait for: a binary heap of timers that live in their owners.
#pragma once

#include <cstddef>
#include <vector>

#include "workloads/session.hpp"

namespace contend::coro {

/// Lives where it is used (in a coroutine's frame, in a socket). The heap points to it while it is
/// armed, so it must not move; it takes itself out when it is destroyed.
class Timer {
 public:
  using Fire = void (*)(Timer&);
  explicit Timer(Fire fire) : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  inline ~Timer();

  bool armed() const { return heap_ != nullptr; }
  /// Meaningful while it is armed.
  TimePoint when() const { return when_; }

 private:
  friend class Timers;
  TimePoint when_{};
  class Timers* heap_ = nullptr;
  std::size_t place_ = 0;
  Fire fire_;
};

/// Not thread-safe; belongs to one loop.
class Timers {
 public:
  /// Arms a timer, or moves it. O(log n).
  void arm(Timer& timer, TimePoint when);
  void disarm(Timer& timer);
  bool empty() const { return heap_.empty(); }
  /// The earliest; the heap must not be empty.
  TimePoint next() const { return heap_.front()->when_; }
  /// Disarms and fires every timer that is due at `now`, earliest first.
  void fire_due(TimePoint now);

 private:
  void place(Timer& timer, std::size_t at);
  void sift_up(std::size_t at);
  void sift_down(std::size_t at);

  std::vector<Timer*> heap_;
};

Timer::~Timer() {
  if (heap_ != nullptr) heap_->disarm(*this);
}

}  // namespace contend::coro
