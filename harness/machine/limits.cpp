// What a load may have, and what it has cost.
#include "harness/machine/limits.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <stdexcept>

namespace contend {

void raise_descriptor_limit(std::uint64_t needed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < needed)
    throw std::runtime_error(
        fmt::format("the load needs {} descriptors and may have {}; raise the limit with ulimit -n",
                    needed, limit.rlim_max));
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

CpuEdge CpuEdge::now() {
  timespec cpu{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return {.at = Clock::now(),
          .cpu = std::chrono::seconds(cpu.tv_sec) + std::chrono::nanoseconds(cpu.tv_nsec)};
}

}  // namespace contend
