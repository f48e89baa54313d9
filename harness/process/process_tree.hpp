// What a process and all its descendants have cost and how much memory they hold, from /proc and
// their CPU clocks. It starts, stops and waits for nobody.
//   const TreeReading before = read_tree(pid);  ...  usage_between(before, read_tree(pid)).cpu
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/session.hpp"

namespace contend {

/// A process tree at an instant. Processes and threads that vanish while it is read are left out.
struct TreeReading {
  /// One live thread's context switches since it began.
  struct Thread {
    pid_t id = 0;
    std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
  };

  TimePoint at{};                  ///< When the reading began.
  unsigned processes = 0;          ///< 0 when the root is gone. Zombies count.
  std::chrono::nanoseconds cpu{};  ///< Of live processes, and of children that they have reaped.
  std::uint64_t user_ticks = 0, system_ticks = 0;  ///< Likewise, in 1/sysconf(_SC_CLK_TCK) s.
  std::vector<Thread> threads{};                   ///< Ordered by id.
};

/// What a process tree used between two readings.
struct TreeUsage {
  Duration wall{};
  /// Exact to microseconds for processes alive at the later reading (clock_getcpuclockid(3), which
  /// includes threads that have ended), to 10 ms for each parent whose children ended in between
  /// (cutime and cstime of proc_pid_stat(5) are ticks; the rest carries over, so that it does not
  /// add up). Children of a parent that ignores SIGCHLD are lost when they end, as in getrusage(2).
  std::chrono::nanoseconds cpu{};
  /// The split of `cpu`, by the kernel's ticks of 10 ms each. Fewer than ten of them are too few:
  /// then by those of the whole life of the tree. Null where there are none at all.
  std::optional<std::chrono::nanoseconds> user{}, system{};
  /// Of all threads. Null where one ended in between, whose own are lost: there they would seem few
  /// where they are many.
  std::optional<std::uint64_t> voluntary_switches{}, involuntary_switches{};
};

/// Throws std::system_error only where /proc itself can't be read. `with_switches` reads one more
/// file for each thread.
TreeReading read_tree(pid_t root, bool with_switches = true);

/// `earlier` and `later` are readings of the same root. Never negative.
TreeUsage usage_between(const TreeReading& earlier, const TreeReading& later);

/// What a process tree holds in memory, with shared pages shared out fairly. The kernel's own
/// memory (sockets, rings, page tables) is not in it.
struct TreeMemory {
  std::uint64_t bytes = 0;  ///< The sum of Pss (proc_pid_smaps(5)).
  /// Without pages of files: their share shrinks when any other program starts that uses the same
  /// libraries, so that growth is to be looked for here.
  std::uint64_t without_files_bytes = 0;
};

/// From smaps_rollup (Linux 5.9), or the resident set for both where that can't be read, which
/// counts shared pages more than once. 0 when the root is gone. Walks page tables: not for inside a
/// measured window.
TreeMemory tree_memory(pid_t root);

}  // namespace contend
