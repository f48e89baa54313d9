// What tasks, futures and all that waits need of their loop: a turn, and to be resumed.
#pragma once

#include "engines/coro/callback.hpp"
#include "engines/coro/coroutine.hpp"
#include "engines/coro/debug.hpp"

namespace contend::coro {

/// The part of a loop that its tasks know. Loop is the only one.
class Scheduler {
 public:
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Runs a callback, which must live until then, at the next turn.
  void call_soon(Callback& callback) { ready_.push_back(callback); }
  /// Goes on with a coroutine that waited; in debug mode, with an eye on how long it takes.
  void resume(Promise& waiter) {
    if (debug_) [[unlikely]]
      return debug_->watch(waiter);
    waiter.handle().resume();
  }
  /// Debug mode, or null. A new loop is in it where CONTEND_DEBUG is set to anything but 0.
  Debug* debug() { return debug_; }

 protected:
  Scheduler() = default;
  ~Scheduler() = default;

  Callbacks ready_;
  Debug* debug_ = nullptr;
};

}  // namespace contend::coro
