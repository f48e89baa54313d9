#include "harness/testing/allocation_counter.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

namespace contend {
namespace {

TEST(AllocationCounterTest, Counts) {
  const std::uint64_t before = allocations_of_this_thread();
  const auto one = std::make_unique<int>(1);
  const auto many = std::make_unique<int[]>(5);
  EXPECT_EQ(allocations_of_this_thread(), before + 2);
}

TEST(AllocationCounterTest, CountsWhatAsioAllocatesBy) {
  const std::uint64_t before = allocations_of_this_thread();
  void* const volatile memory = std::aligned_alloc(64, 128);  // not to be optimised away
  EXPECT_EQ(allocations_of_this_thread(), before + 1);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0u);
  std::free(memory);
}

}  // namespace
}  // namespace contend
