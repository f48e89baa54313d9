// fib: jobs that keep a CPU busy with calls and nothing else. Try it:
//   contend-engine run threads fib --set n=30 --set jobs=4
#include "workloads/fib.hpp"

#include "workloads/workload.hpp"

namespace contend {

// noinline keeps each call a call. The barriers (a value passes through a register that the
// compiler must assume changed) keep it from knowing the argument, from sharing the results of
// equal calls, and from turning the last call into a loop with an accumulator, which -O2 does
// otherwise.
[[gnu::noinline]] std::uint64_t fib(std::uint64_t n) {
  asm volatile("" : "+r"(n));
  if (n <= 2) return n == 2 ? 1 : 0;
  std::uint64_t smaller = fib(n - 2);
  asm volatile("" : "+r"(smaller));
  std::uint64_t larger = fib(n - 1);
  asm volatile("" : "+r"(larger));
  return smaller + larger;
}

namespace {

constexpr ParameterSpec parameters[] = {
    {"n", 30, 1, 45, "which Fibonacci number; each costs 1.618 times the one before"},
    {"jobs", 4, 1, 100'000, "how many times"},
    {"wait_ms", 0, 0, 60'000, "what each job waits before it computes"},
};

std::vector<Job> jobs(const Parameters& given) {
  Job job;
  job.wait = std::chrono::milliseconds(given["wait_ms"]);
  job.compute = fib;
  job.argument = static_cast<std::uint64_t>(given["n"]);
  job.expected = fib_by_adding(job.argument);
  return std::vector<Job>(static_cast<std::size_t>(given["jobs"]), job);
}

}  // namespace

extern const Workload fib_workload{.name = "fib",
                                   .summary = "recursion without a short cut: CPU and nothing else",
                                   .role = Role::run,
                                   .parameters = parameters,
                                   .jobs = jobs};

}  // namespace contend
