// Leaves no process behind, whatever kills the harness. Every child is in a process group of its
// own; a small process knows the groups, and kills them when the harness is gone. PDEATHSIG alone
// (which the children have, too) does not reach the grandchildren of an engine that forks. What
// leaves its group (setsid(2)) is found as an orphan, while the harness lives; nothing finds it
// afterwards.
#pragma once

#include <sys/types.h>

#include "engines/net.hpp"

namespace contend {

/// Makes this process the reaper of its orphaned descendants (PR_SET_CHILD_SUBREAPER, prctl(2)) and
/// starts the guarding process. One a process, used by one thread: the one that starts children,
/// since PDEATHSIG is about that thread.
class Guard {
 public:
  /// Throws std::system_error.
  Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  /// Kills the orphans, ends the guarding process, and with it the groups that are still watched.
  /// The process is then as it was before, and may become another program (execve(2)).
  ~Guard();

  /// Safe between fork and exec; a group that is told before exec can't be missed.
  void watch(pid_t group) const noexcept { tell(group); }
  void forget(pid_t group) const noexcept { tell(-group); }

  /// Kills and reaps every child of this process except the guard and `spared`: what an engine left
  /// behind and the kernel gave to us. Returns how many there were.
  unsigned kill_orphans(std::initializer_list<pid_t> spared = {}) const;

 private:
  void tell(pid_t group) const noexcept;

  Fd pipe_;
  pid_t process_ = 0;
  void (*sigpipe_before_)(int) = nullptr;
};

}  // namespace contend
