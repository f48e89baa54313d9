// Where coroutine frames live: free lists by size, one set a thread, so that a new connection's
// coroutine costs a few instructions instead of a malloc.
#pragma once

#include <cstddef>

namespace contend::coro {

/// Memory for a frame of `size` bytes; may be freed only on the thread that allocated it.
/// Throws std::bad_alloc.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

}  // namespace contend::coro
