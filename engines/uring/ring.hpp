// One submission and one completion queue, and what this machine's kernel can do with them. Not a
// loop: it knows nothing of connections.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <string>

#include "engines/stop.hpp"
#include "workloads/session.hpp"

namespace contend::uring {

/// Kernel features beyond the plain io_uring of Linux 5.11. The engine works without any of them.
struct Features {
  bool defer_taskrun = false;      ///< With SINGLE_ISSUER: completions come when asked for (6.1).
  bool coop_taskrun = false;       ///< Completions interrupt nobody (5.19).
  bool registered_ring = false;    ///< The kernel need not look the ring's descriptor up (5.18).
  bool multishot_accept = false;   ///< One submission accepts many connections (5.19).
  bool multishot_receive = false;  ///< One receives many times, into provided buffers (6.0).
  bool minimal_wait = false;       ///< A wait may let completions gather for a while (6.12).

  /// For a report: the names of those that are there.
  std::string text() const;
};

/// What this kernel has, found by trying. The first call costs some system calls; thread-safe.
const Features& probe();
/// Why no ring can be made here and how to mend it, or null. Static storage; thread-safe.
const char* unavailable();
/// The reason for an errno of io_uring_setup, with the value of the sysctl
/// kernel.io_uring_disabled (negative: there is none).
const char* unavailable_because(int error_number, int disabled);

struct Sizes {
  unsigned submissions = 1024;      ///< When full it is submitted; a power of two.
  unsigned completions = 4096;      ///< When full the kernel keeps the rest; a power of two.
  unsigned receive_buffers = 1024;  ///< At most, each loop; a power of two.
  /// Received and not handed out, each connection: above this receiving pauses, from the loop's
  /// next turn on, so that all receive buffers of one turn may come on top.
  std::size_t backlog_bytes = 64 * 1024;
};

/// What a loop is built from; tests make it smaller and plainer than the kernel would allow.
struct Setup {
  Features features = probe();
  Sizes sizes{};
};

/// Belongs to the thread that made it.
class Ring {
 public:
  /// `flags_pending_work`: the kernel tells by a flag in memory that completions wait for an enter,
  /// so that `peek` need not ask. Throws std::system_error.
  Ring(const Setup& setup, bool flags_pending_work);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  /// An entry to fill; it goes out with the next submission, in order.
  io_uring_sqe* entry() {
    io_uring_sqe* const free = io_uring_get_sqe(&ring_);
    return free != nullptr ? free : entry_when_full();
  }

  /// Submits, then waits for a completion, or for `timeout` (zero: not at all; max: for ever), or
  /// until a signal comes. One system call. Throws std::system_error.
  void submit_and_wait(Duration timeout);
  /// To wait for `count` completions, and once `longest` has passed for one.
  struct Gathering {
    unsigned count = 1;
    Duration longest{};
  };
  /// The same with a wait that lets completions gather; needs Features::minimal_wait. Two system
  /// calls where there is something to submit.
  void submit_and_gather(Gathering gathering, Duration timeout);
  /// Submits what there is. Throws std::system_error.
  void submit();
  /// Whether completions are there; does not wait.
  bool peek();

  /// Calls `handle(user_data, result, flags)` for each completion that is there.
  template <typename Handle>
  void for_each_completion(Handle&& handle) {
    // Those alone that are there now: handling them may submit, and so make more.
    unsigned left = io_uring_cq_ready(&ring_), head = 0, handled = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      if (left-- == 0) break;
      handle(completion->user_data, completion->res, completion->flags);
      ++handled;
    }
    io_uring_cq_advance(&ring_, handled);
  }

  io_uring* get() { return &ring_; }

 private:
  io_uring_sqe* entry_when_full();

  io_uring ring_{};
  unsigned enter_flags_ = 0;  // for io_uring_enter(2)
};

}  // namespace contend::uring
