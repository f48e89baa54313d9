// Submit, wait, handle: one system call a turn.
#include "engines/uring/loop.hpp"

#include <poll.h>

#include <algorithm>

#include <fmt/format.h>

namespace contend::uring {

Loop::Loop(const Setup& setup, Duration spin, StopToken stop)
    : setup_(setup), spin_(spin), stop_(stop), ring_(setup, spin > Duration::zero()) {
  if (setup.features.multishot_receive) buffers_.emplace(ring_.get(), setup.sizes.receive_buffers);
  if (stop.fd() < 0) return;
  io_uring_sqe* const made = ring_.entry();  // ends the wait; whether to stop is looked at anyway
  io_uring_prep_poll_add(made, stop.fd(), POLLIN);
  made->user_data = nobody;
}

void Loop::turn(TimePoint until, Ring::Gathering gathering) {
  wait(until, gathering);
  now_ = Clock::now();
  sent_ = 0;
  ring_.for_each_completion([this](std::uint64_t user_data, int result, unsigned flags) {
    if (user_data == nobody) return;
    auto* const receiver = reinterpret_cast<Receiver*>(user_data & ~operation_mask);
    const auto operation = static_cast<Operation>(user_data & operation_mask);
    if (operation == Operation::send) ++sent_;
    receiver->completed(operation, result, flags);
  });
  timers_.fire_due(now_);
  if (buffers_) buffers_->grow();
}

void Loop::wait(TimePoint until, Ring::Gathering gathering) {
  if (!timers_.empty()) until = std::min(until, timers_.next());
  if (spin_ > Duration::zero() && spin(until)) return;
  const Duration left = until == TimePoint::max()
                            ? Duration::max()
                            : std::max(until - Clock::now(), Duration::zero());
  // Without DEFER_TASKRUN each completion wakes the thread anyway.
  if (gathering.count > 1 && gathering.longest < left && setup_.features.minimal_wait &&
      setup_.features.defer_taskrun)
    ring_.submit_and_gather(gathering, left);
  else
    ring_.submit_and_wait(left);
}

bool Loop::spin(TimePoint until) {
  ring_.submit();
  until = std::min(until, Clock::now() + spin_);
  do {
    // The kernel says in shared memory that an enter would bring completions (TASKRUN_FLAG), so
    // that looking costs no system call.
    if (ring_.peek()) return true;
  } while (Clock::now() < until);
  return false;
}

void Loop::cancel(Receiver& receiver, Operation operation) {
  io_uring_sqe* const made = ring_.entry();
  io_uring_prep_cancel64(made, tag(receiver, operation), 0);
  made->user_data = nobody;
}

std::string Loop::detail() const {
  if (!buffers_) return setup_.features.text();
  return fmt::format("{} ({} of {} bytes)", setup_.features.text(), buffers_->in_use(),
                     ReceiveBuffers::buffer_bytes);
}

}  // namespace contend::uring
