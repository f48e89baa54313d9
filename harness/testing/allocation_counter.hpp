// How often this thread has allocated. Only tests and micro-benchmarks have the counting operator
// new (micro/counting_new.cpp).
#pragma once

#include <cstdint>

namespace contend {

/// Calls of operator new and aligned_alloc on the calling thread since it began.
std::uint64_t allocations_of_this_thread() noexcept;

}  // namespace contend
