// How other threads bring things back to a loop: an eventfd that wakes it, and a queue.
#pragma once

#include <mutex>
#include <optional>

#include "engines/coro/callback.hpp"
#include "engines/coro/poller.hpp"
#include "engines/net.hpp"

namespace contend::coro {

class Mailbox {
 public:
  /// Throws std::system_error where there is no descriptor left.
  Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Readable when there is something to deliver.
  Watch& watch() { return watch_; }

  /// The loop's thread: one more message will come. No limit: each is a coroutine that waits.
  void expect() { ++expected_; }
  /// Any thread: the callback fires on the loop's.
  void post(Callback& message) noexcept;
  /// The loop's thread: fires all that has come.
  void deliver();
  /// The loop's thread, while it runs nothing else: waits for all that is expected, and fires it.
  void await_all();

 private:
  Fd event_;
  Watch watch_;
  unsigned expected_ = 0;
  std::mutex mutex_;
  Callbacks messages_;  // guarded by the mutex
};

}  // namespace contend::coro
