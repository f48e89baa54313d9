// An operator new that counts, for programs that show that the measured path doesn't allocate.
// Linked in (cmake/tests.cmake), it takes the place of the library's in the whole program.
#include <malloc.h>

#include <cstdlib>
#include <new>

#include "harness/testing/allocation_counter.hpp"

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

// The aligned forms are left alone; nothing here uses them.
void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
/// std::stable_sort takes its buffer from this one.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
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

/// In place of libc's: where Boost.Asio has its frames and operations from
/// (boost/asio/detail/memory.hpp, aligned_new).
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return memalign(alignment, size);
}

std::uint64_t contend::allocations_of_this_thread() noexcept {
  return allocations;
}
