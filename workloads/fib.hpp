// Naive recursion, as work that can't be had cheaper: what the fib workload and /fib/N compute.
#pragma once

#include <cstdint>

namespace contend {

/// The n-th Fibonacci number with fib(1) = 0 and fib(2) = 1, so fib(40) = 63245986; 0 for n = 0.
/// Computed by 2 fib(n + 1) - 1 calls of itself: never folded, never memoised, never a loop, so the
/// time grows by 1.618 with each n. The CPU is busy for about a nanosecond a call.
std::uint64_t fib(std::uint64_t n);

/// The same number without the work, to check it by.
constexpr std::uint64_t fib_by_adding(std::uint64_t n) {
  std::uint64_t value = 0, next = 1;
  for (std::uint64_t i = 1; i < n; ++i) {
    const std::uint64_t sum = value + next;
    value = next;
    next = sum;
  }
  return value;
}
static_assert(fib_by_adding(40) == 63'245'986);

}  // namespace contend
