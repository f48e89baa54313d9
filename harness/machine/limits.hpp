// What every load asks of this machine and of itself before it begins and while it goes on: how
// many descriptors it may have, what it has cost.
#pragma once

#include <chrono>
#include <cstdint>

#include "workloads/session.hpp"

namespace contend {

/// Raises the limit to all that this process may have. Throws std::runtime_error, with the command
/// that mends it, where that is less than `needed`.
void raise_descriptor_limit(std::uint64_t needed);

/// This process's CPU time at a time.
struct CpuEdge {
  TimePoint at{};
  std::chrono::nanoseconds cpu{};

  static CpuEdge now();
};

}  // namespace contend
