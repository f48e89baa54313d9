// For tests: how often this thread has allocated. Only test programs have the counting operator
// new (allocation_counter_test.cpp).
#pragma once

#include <cstdint>

namespace contend {

/// Calls of operator new on the calling thread since it began.
std::uint64_t allocations_of_this_thread() noexcept;

}  // namespace contend
