// counter: jobs that count, one by one, in a register: CPU without a call or a memory access. Try
// it:
//   contend-engine run threads counter --set limit=100000000
#include "workloads/count.hpp"
#include "workloads/workload.hpp"

namespace contend {

std::uint64_t count(std::uint64_t limit) {
  std::uint64_t counted = 0;
  while (counted < limit) {
    ++counted;
    // The compiler must assume that this changed the counter, so each step has to be made.
    asm volatile("" : "+r"(counted));
  }
  return counted;
}

namespace {

constexpr ParameterSpec parameters[] = {
    {"limit", 100'000'000, 0, 100'000'000'000, "what to count to"},
    {"jobs", 2, 1, 100'000, "how many times"},
};

std::vector<Job> jobs(const Parameters& given) {
  Job job;
  job.compute = count;
  job.argument = job.expected = static_cast<std::uint64_t>(given["limit"]);
  return std::vector<Job>(static_cast<std::size_t>(given["jobs"]), job);
}

}  // namespace

extern const Workload counter_workload{
    .name = "counter",
    .summary = "counting one by one: CPU without calls or memory",
    .role = Role::run,
    .parameters = parameters,
    .jobs = jobs};

}  // namespace contend
