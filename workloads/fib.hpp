// Naive recursion, as work that can't be had cheaper: what the fib workload and /fib/N compute.
#pragma once

#include <cstdint>

namespace contend {

/// The n-th Fibonacci number with fib(1) = 0 and fib(2) = 1, so fib(40) = 63245986; 0 for n = 0.
/// Computed by 2 fib(n + 1) - 1 calls of itself: never folded, never memoised, never a loop, so the
/// time grows by 1.618 with each n. The CPU is busy for about a nanosecond a call.
std::uint64_t fib(std::uint64_t n);

}  // namespace contend
