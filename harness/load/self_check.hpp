// What the kernel says of how the load itself fared: what CPU it was given and what was kept from
// it. It only reads; verdict.hpp judges.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/noise.hpp"
#include "workloads/session.hpp"

namespace contend::load {

/// Of one thread since it began.
struct ThreadReading {
  std::chrono::nanoseconds ran{};
  /// It was ready to run, and another had its CPU (the run delay of /proc/PID/schedstat). 0 where
  /// the kernel does not count it.
  std::chrono::nanoseconds waited{};

  /// Of the calling thread.
  static ThreadReading now();
  /// Of another one of this process, by its number; nothing where there is none.
  static ThreadReading of(pid_t thread);
};
ThreadReading operator-(const ThreadReading& later, const ThreadReading& earlier);

/// Of the machine, since some time in the past.
struct HostReading {
  CpuReading cpu{};
  /// Connections that a listener's full queue turned away (ListenOverflows of /proc/net/netstat),
  /// of this network namespace.
  std::optional<std::uint64_t> accept_overflows{};
  /// How long the CPU quota of this process's control group, or of one above, kept its threads from
  /// running.
  std::optional<std::chrono::nanoseconds> throttled{};
  std::optional<std::uint64_t> time_wait_sockets{};  ///< Now: each keeps a port for a minute.

  static HostReading now();
};

/// The counter `name` of the block `block` in the text of /proc/net/netstat; null where it is not
/// there.
std::optional<std::uint64_t> netstat_counter(std::string_view text, std::string_view block,
                                             std::string_view name);
/// The sum of what the text of a cpu.stat says of throttling, in either version of control groups.
std::optional<std::chrono::nanoseconds> throttled_time(std::string_view cpu_stat);

/// How many ephemeral ports there are, which is how many connections to one address there can be;
/// null where the kernel does not say.
std::optional<std::uint64_t> ephemeral_ports();

}  // namespace contend::load
