// One thread's loop: it submits what was prepared, waits, and hands completions to whoever is
// theirs. Not thread-safe: a loop and all that runs on it belong to the thread that made it.
#pragma once

#include <optional>

#include "engines/coro/timers.hpp"
#include "engines/stop.hpp"
#include "engines/uring/buffers.hpp"
#include "engines/uring/ring.hpp"

namespace contend::uring {

using coro::Timer;
using coro::Timers;

/// What can be in flight; it travels through the kernel in the low bits of the user data.
enum class Operation : std::uint8_t { accept, receive, send, connect, close, timeout };

/// Whoever has operations in flight. It must live until the last of them has completed.
class alignas(16) Receiver {
 public:
  /// `result` and `flags` are those of the completion (io_uring_enter(2)); with IORING_CQE_F_MORE
  /// in `flags` the operation goes on.
  virtual void completed(Operation operation, int result, unsigned flags) = 0;

 protected:
  ~Receiver() = default;
};

class Loop {
 public:
  /// `spin`: how long to poll before sleeping. Throws std::system_error.
  Loop(const Setup& setup, Duration spin, StopToken stop);

  /// Submits, waits for a completion, a timer, `until` or the stop, and handles what came.
  /// `gathering` is for kernels that can do it, and for loops that don't poll; the others ignore
  /// it.
  void turn(TimePoint until = TimePoint::max(), Ring::Gathering gathering = {});
  /// How many sends completed in the last turn.
  std::size_t sent() const { return sent_; }
  bool stopped() const { return stop_.requested(); }
  /// When the completions of this turn came: read once a turn.
  TimePoint now() const { return now_; }
  Timers& timers() { return timers_; }
  const Setup& setup() const { return setup_; }
  /// Null where the kernel has none.
  ReceiveBuffers* buffers() { return buffers_ ? &*buffers_ : nullptr; }
  /// Which features are in use, for a report.
  std::string detail() const;

  /// An entry to prepare, whose completions go to `receiver`.
  io_uring_sqe* entry(Receiver& receiver, Operation operation) {
    io_uring_sqe* const made = ring_.entry();
    made->user_data = tag(receiver, operation);
    return made;
  }
  /// Ends an operation early: it completes with ECANCELED, unless it is completing already.
  void cancel(Receiver& receiver, Operation operation);

 private:
  static constexpr std::uint64_t operation_mask = 15;
  static constexpr std::uint64_t nobody = 0;  // completes unheard

  static std::uint64_t tag(Receiver& receiver, Operation operation) {
    return reinterpret_cast<std::uintptr_t>(&receiver) | static_cast<std::uint64_t>(operation);
  }
  void wait(TimePoint until, Ring::Gathering gathering);
  bool spin(TimePoint until);

  Setup setup_;
  Duration spin_;
  StopToken stop_;
  Ring ring_;
  std::optional<ReceiveBuffers> buffers_;
  Timers timers_;
  TimePoint now_ = Clock::now();
  std::size_t sent_ = 0;
};

}  // namespace contend::uring
