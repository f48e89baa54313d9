// An operator new that counts, so that tests can show that the measured path doesn't allocate.
#include "harness/allocation_counter.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace {

thread_local std::uint64_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

/// Not inlined: g++ 12 sees the free but not that the new is ours, and warns of a mismatch.
[[gnu::noinline]] void release(void* memory) noexcept {
  std::free(memory);
}

}  // namespace

// The nothrow and aligned forms are left alone; nothing here uses them.
void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  release(memory);
}

namespace contend {

std::uint64_t allocations_of_this_thread() noexcept {
  return allocations;
}

namespace {

TEST(AllocationCounterTest, Counts) {
  const std::uint64_t before = allocations_of_this_thread();
  const auto one = std::make_unique<int>(1);
  const auto many = std::make_unique<int[]>(5);
  EXPECT_EQ(allocations_of_this_thread(), before + 2);
}

}  // namespace
}  // namespace contend
