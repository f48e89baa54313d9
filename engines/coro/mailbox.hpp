// How other threads bring things back to a loop: an eventfd that wakes it, and a queue.
#pragma once

#include <mutex>
#include <optional>

#include "engines/coro/loop.hpp"
#include "engines/net.hpp"

namespace contend::coro {

class Mailbox {
 public:
  /// Throws std::system_error where there is no descriptor left.
  explicit Mailbox(Loop& loop);
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  /// The loop's thread: one more letter will come. No limit: each is a coroutine that waits.
  void expect() { ++expected_; }
  /// Any thread: the callback fires on the loop's.
  void post(Callback& letter) noexcept;
  /// The loop's thread, while it runs nothing else: waits for all that is expected, and fires it.
  void await_all();

 private:
  Coroutine<> deliver();
  void deliver_once();

  Loop& loop_;
  Fd event_;
  Watch watch_;
  unsigned expected_ = 0;
  std::mutex mutex_;
  Callbacks letters_;  // guarded by the mutex
};

}  // namespace contend::coro
