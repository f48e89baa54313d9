// For tests of what is told of processes: children of known behaviour, and the flags by which they
// and the test wait for each other.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "workloads/shared_array.hpp"
#include "workloads/thread_cpu.hpp"

namespace contend::testing {

using Flags = SharedArray<std::atomic<int>>;

/// A child that runs `body`, and is killed and reaped at the end of the scope, if not before.
class Forked {
 public:
  explicit Forked(const std::function<void()>& body) : pid_(fork()) {
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    _exit(0);
  }
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;
  ~Forked() { end(); }

  pid_t pid() const { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

/// Takes so much CPU time in this thread, mostly in user space, since the clock is read by a system
/// call and ticks fall where they may.
inline void burn(std::chrono::nanoseconds cpu) {
  for (const auto end = thread_cpu() + cpu; thread_cpu() < end;)
    for (volatile int turns = 0; turns < 20'000;) turns = turns + 1;
}

inline void wait_for(const std::atomic<int>& flag, int value) {
  while (flag.load() < value) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

[[noreturn]] inline void stay() {
  for (;;) pause();
}

}  // namespace contend::testing
