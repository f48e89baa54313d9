// What the kernel says of how the load itself fared: what CPU it was given and what was kept from
// it. It only reads; verdict.hpp judges.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/machine/listeners.hpp"
#include "harness/machine/noise.hpp"
#include "workloads/session.hpp"

namespace contend {

/// Of one thread since it began.
struct ThreadReading {
  std::chrono::nanoseconds ran{};
  /// It was ready to run, and another had its CPU (the run delay of /proc/PID/schedstat). 0 where
  /// the kernel does not count it.
  std::chrono::nanoseconds waited{};

  /// Of the calling thread.
  static ThreadReading now();
  /// Of the thread of that id, of any process; null where it has gone or the kernel does not tell.
  /// While it runs, the figures are up to a tick of the kernel old.
  static std::optional<ThreadReading> of(pid_t thread);
};
ThreadReading operator-(const ThreadReading& later, const ThreadReading& earlier);

/// Which part of `whole` it is; 0 where there is no whole.
double share(std::chrono::nanoseconds part, Duration whole);

/// Of the machine, since some time in the past.
struct HostReading {
  CpuReading cpu{};
  /// Connections that a full queue of any listener of this network namespace turned away
  /// (ListenOverflows of /proc/net/netstat).
  std::optional<std::uint64_t> accept_overflows{};
  /// Of the load's target.
  std::optional<std::vector<ListenerReading>> listeners{};
  /// How long the CPU quota of this process's control group, or of one above, kept its threads from
  /// running.
  std::optional<std::chrono::nanoseconds> throttled{};
  std::optional<std::uint64_t> time_wait_sockets{};  ///< Now: each keeps a port for a minute.

  /// `target` is where the load goes.
  static HostReading now(const Endpoint& target);
};

/// Returns how many connections the full queue of one of the target's listeners turned away. Null
/// if the kernel does not tell. A listener drops for other reasons, too, and other listeners
/// overflow, so it is the smaller one of both counts.
std::optional<std::uint64_t> overflows_between(const HostReading& before, const HostReading& after);

/// The counter `name` of the block `block` in the text of /proc/net/netstat; null where it is not
/// there.
std::optional<std::uint64_t> netstat_counter(std::string_view text, std::string_view block,
                                             std::string_view name);
/// The sum of what the text of a cpu.stat says of throttling, in either version of control groups.
std::optional<std::chrono::nanoseconds> throttled_time(std::string_view cpu_stat);

/// How many ephemeral ports there are, which is how many connections to one address there can be;
/// null where the kernel does not say.
std::optional<std::uint64_t> ephemeral_ports();

}  // namespace contend
