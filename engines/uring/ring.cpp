// Queues, and probing for what the kernel can do with them.
#include "engines/uring/ring.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

#include "engines/net.hpp"
#include "engines/uring/buffers.hpp"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace contend::uring {
namespace {

constexpr unsigned max_completions = 65536;  // IORING_MAX_CQ_ENTRIES
constexpr unsigned deferred = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;

/// How often a full submission queue is submitted before that is given up: where memory is short,
/// each attempt pauses, and all of them fit into the second that an engine has for its end.
constexpr int max_attempts = 8;

constexpr unsigned minimal_wait = 1U << 15U;  // IORING_FEAT_MIN_TIMEOUT, newer than liburing 2.3

/// io_uring_getevents_arg of Linux 6.12: in older headers `min_wait_us` has no name yet.
struct WaitArgument {
  std::uint64_t signal_mask = 0;
  std::uint32_t signal_mask_bytes = 0, min_wait_us = 0;
  std::uint64_t timeout = 0;  // a __kernel_timespec's address
};
static_assert(sizeof(WaitArgument) == sizeof(io_uring_getevents_arg));

// liburing maps and unmaps a ring by system calls of its own, which the thread sanitizer does not
// see: a ring that lies where another thread had one passes for a race. What is true is that a ring
// which is made comes after those that were ended before.
#if defined(__SANITIZE_THREAD__)
char rings_that_ended;
void tell_of_an_end() {
  __tsan_release(&rings_that_ended);
}
void come_after_those_that_ended() {
  __tsan_acquire(&rings_that_ended);
}
#else
void tell_of_an_end() {}
void come_after_those_that_ended() {}
#endif

[[noreturn]] void fail(int error_number, const char* what) {
  throw std::system_error(error_number, std::generic_category(), what);
}

/// Makes a small ring with these flags; returns whether there is one.
bool accepts(unsigned flags) {
  io_uring ring{};
  if (io_uring_queue_init(2, &ring, flags) != 0) return false;
  io_uring_queue_exit(&ring);
  return true;
}

Features probe_now() {
  Features features;
  features.defer_taskrun = accepts(deferred | IORING_SETUP_SUBMIT_ALL);
  features.coop_taskrun = accepts(IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL);
  io_uring ring{};
  if (io_uring_queue_init(2, &ring, 0) != 0) return features;
  features.registered_ring = io_uring_register_ring_fd(&ring) == 1;
  features.minimal_wait = (ring.features & minimal_wait) != 0;
  // Flags of operations can't be asked for, but came together with operations that can:
  // IORING_OP_SOCKET in 5.19, IORING_OP_SEND_ZC in 6.0.
  const std::unique_ptr<io_uring_probe, void (*)(io_uring_probe*)> known(
      io_uring_get_probe_ring(&ring), io_uring_free_probe);
  if (known != nullptr) {
    features.multishot_accept = io_uring_opcode_supported(known.get(), IORING_OP_SOCKET) != 0;
    features.multishot_receive =
        io_uring_opcode_supported(known.get(), IORING_OP_SEND_ZC) != 0 && has_buffer_rings(&ring);
  }
  io_uring_queue_exit(&ring);
  return features;
}

const char* unavailable_now() {
  io_uring ring{};
  const int made = io_uring_queue_init(2, &ring, 0);
  if (made == 0) {
    const bool old = (ring.features & IORING_FEAT_EXT_ARG) == 0;
    io_uring_queue_exit(&ring);
    return old ? "this kernel's io_uring is older than that of Linux 5.11; a newer kernel mends it"
               : nullptr;
  }
  int disabled = -1;
  std::ifstream("/proc/sys/kernel/io_uring_disabled") >> disabled;
  return unavailable_because(-made, disabled);
}

/// Errors of io_uring_enter(2) after which the same call may succeed: nothing was lost.
bool passes(int error_number) {
  return error_number == ETIME || error_number == EINTR || error_number == EAGAIN ||
         error_number == EBUSY;
}

__kernel_timespec timespec_of(Duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace

std::string Features::text() const {
  std::string names;
  const auto add = [&](bool there, const char* name) {
    if (there) names += (names.empty() ? "" : ", ") + std::string(name);
  };
  add(defer_taskrun, "SINGLE_ISSUER and DEFER_TASKRUN");
  add(coop_taskrun && !defer_taskrun, "COOP_TASKRUN");
  add(registered_ring, "registered ring");
  add(multishot_accept, "multishot accept");
  add(multishot_receive, "multishot receive into provided buffers");
  add(minimal_wait, "minimal wait");
  return names.empty() ? "plain io_uring" : names;
}

const Features& probe() {
  static const Features features = probe_now();
  return features;
}

const char* unavailable() {
  static const char* const reason = unavailable_now();
  return reason;
}

const char* unavailable_because(int error_number, int disabled) {
  switch (error_number) {
    case ENOSYS: return "this kernel has no io_uring; Linux 5.11 or newer with CONFIG_IO_URING has";
    case EPERM:
      if (disabled == 2)
        return "io_uring is disabled on this machine; 'sysctl kernel.io_uring_disabled=0' mends it";
      if (disabled == 1)
        return "io_uring is only for the group in sysctl kernel.io_uring_group; join that group, "
               "or 'sysctl kernel.io_uring_disabled=0'";
      return "a seccomp filter forbids io_uring, as container runtimes do; run outside of the "
             "container or with a profile that allows it ('--security-opt seccomp=unconfined')";
    case ENOMEM:
      return "no memory for io_uring's queues; before Linux 5.12 they count as locked memory, "
             "which 'ulimit -l' raises";
    case EMFILE:
    case ENFILE: return "no descriptor left for io_uring; 'ulimit -n' raises the limit";
    default: return "io_uring_setup fails on this machine; 'strace -e io_uring_setup' tells how";
  }
}

Ring::Ring(const Setup& setup, bool flags_pending_work) {
  io_uring_params parameters{};
  parameters.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  const bool modern = setup.features.defer_taskrun || setup.features.coop_taskrun;
  if (setup.features.defer_taskrun)
    parameters.flags |= deferred;
  else if (setup.features.coop_taskrun)
    parameters.flags |= IORING_SETUP_COOP_TASKRUN;
  // Kernels before 5.19 take no submissions while completions are in their overflow (EBUSY): there
  // the queue has room for all that the most connections can have in flight.
  parameters.cq_entries = modern ? setup.sizes.completions : max_completions;
  if (modern) parameters.flags |= IORING_SETUP_SUBMIT_ALL;
  if (modern && flags_pending_work) parameters.flags |= IORING_SETUP_TASKRUN_FLAG;
  const int made = io_uring_queue_init_params(setup.sizes.submissions, &ring_, &parameters);
  if (made != 0) fail(-made, "io_uring_setup");
  come_after_those_that_ended();
  enter_flags_ = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
  // It only saves time.
  if (setup.features.registered_ring && io_uring_register_ring_fd(&ring_) == 1)
    enter_flags_ |= IORING_ENTER_REGISTERED_RING;
}

Ring::~Ring() {
  tell_of_an_end();
  io_uring_queue_exit(&ring_);
}

void Ring::submit_and_wait(Duration timeout) {
  int result = 0;
  if (timeout == Duration::zero()) {
    result = io_uring_submit_and_get_events(&ring_);
  } else if (timeout == Duration::max()) {
    result = io_uring_submit_and_wait(&ring_, 1);
  } else {
    __kernel_timespec time = timespec_of(timeout);
    io_uring_cqe* first = nullptr;
    result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, &time, nullptr);
  }
  if (result < 0 && !passes(-result)) outlast(-result, timeout, "io_uring_enter");
}

void Ring::submit_and_gather(Gathering gathering, Duration timeout) {
  if (io_uring_sq_ready(&ring_) > 0) submit();
  const __kernel_timespec time = timespec_of(timeout);
  const auto longest = std::chrono::ceil<std::chrono::microseconds>(gathering.longest);
  WaitArgument argument{.min_wait_us = static_cast<std::uint32_t>(longest.count())};
  if (timeout != Duration::max()) argument.timeout = reinterpret_cast<std::uintptr_t>(&time);
  const int result =
      io_uring_enter2(static_cast<unsigned>(ring_.enter_ring_fd), 0, gathering.count, enter_flags_,
                      reinterpret_cast<sigset_t*>(&argument), sizeof argument);
  if (result < 0 && !passes(-result)) outlast(-result, timeout, "io_uring_enter");
}

void Ring::submit() {
  const int result = io_uring_submit(&ring_);
  if (result < 0 && !passes(-result)) outlast(-result, accept_pause, "io_uring_enter");
}

bool Ring::peek() {
  io_uring_cqe* first = nullptr;
  return io_uring_peek_cqe(&ring_, &first) == 0;
}

io_uring_sqe* Ring::entry_when_full() {
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    submit();
    if (io_uring_sqe* const free = io_uring_get_sqe(&ring_)) return free;
  }
  fail(EBUSY, "io_uring_enter of a full submission queue");
}

}  // namespace contend::uring
