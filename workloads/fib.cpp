// fib: jobs that keep a CPU busy with calls and nothing else. Try it:
//   contend-engine run threads fib --set n=30 --set jobs=4
#include "workloads/fib.hpp"

#include <fmt/format.h>

#include <stdexcept>

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

constexpr std::int64_t max_n = 45;

constexpr ParameterSpec parameters[] = {
    {"n", 30, 1, max_n, "which Fibonacci number; each costs 1.618 times the one before"},
    {"n_step", 0, 0, 10, "by how much n grows from one job to the next"},
    {"jobs", 4, 1, 100'000, "how many times"},
    {"wait_ms", 0, 0, 60'000, "what each job waits before it computes"},
};

std::vector<Job> jobs(const Parameters& given) {
  const std::int64_t count = given["jobs"], last = given["n"] + (count - 1) * given["n_step"];
  if (last > max_n)
    throw std::invalid_argument(
        fmt::format("the last of {} jobs would have n = {}, and {} is the largest; choose a "
                    "smaller n, n_step or jobs",
                    count, last, max_n));
  std::vector<Job> all(static_cast<std::size_t>(count));
  auto n = static_cast<std::uint64_t>(given["n"]);
  for (Job& job : all) {
    job.wait = std::chrono::milliseconds(given["wait_ms"]);
    job.compute = fib;
    job.argument = n;
    job.expected = fib_by_adding(n);
    n += static_cast<std::uint64_t>(given["n_step"]);
  }
  return all;
}

}  // namespace

extern const Workload fib_workload{.name = "fib",
                                   .summary = "recursion without a short cut: CPU and nothing else",
                                   .role = Role::run,
                                   .parameters = parameters,
                                   .jobs = jobs};

}  // namespace contend
