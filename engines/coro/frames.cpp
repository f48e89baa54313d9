// Free lists of coroutine frames. Under a sanitizer every frame is a plain allocation, so that the
// sanitizer sees its life.
#include "engines/coro/frames.hpp"

#include <pthread.h>

#include <array>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace contend::coro {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void* allocate_frame(std::size_t size) {
  return ::operator new(size);
}
void free_frame(void* frame, std::size_t) noexcept {
  ::operator delete(frame);
}

#else

namespace {

constexpr std::size_t granularity = 32;
constexpr std::size_t max_kept_bytes = 1024;  // larger frames go straight to the heap

struct FreeFrame {
  FreeFrame* next;
};

struct FreeLists {
  std::array<FreeFrame*, max_kept_bytes / granularity> heads;
  bool freed_with_thread;

  FreeFrame*& list_for(std::size_t size) { return heads[(size - 1) / granularity]; }
};
static_assert(std::is_trivially_destructible_v<FreeLists>);

/// Without a destructor, since glibc ends the process if it has no memory to note one down.
constinit thread_local FreeLists free_lists{};

extern "C" void free_all_frames(void* lists) noexcept {
  auto& mine = *static_cast<FreeLists*>(lists);
  mine.freed_with_thread = false;
  for (FreeFrame*& frame : mine.heads)
    while (frame != nullptr) ::operator delete(std::exchange(frame, frame->next));
}

/// Sees to it that what this thread keeps is freed when it ends: by a key of pthread_key_create(3),
/// whose early ones need no memory. Returns whether it will be.
bool free_with_thread() noexcept {
  static const std::optional<pthread_key_t> key = [] {
    pthread_key_t made{};
    return pthread_key_create(&made, free_all_frames) == 0 ? std::optional(made) : std::nullopt;
  }();
  return free_lists.freed_with_thread = key && pthread_setspecific(*key, &free_lists) == 0;
}

std::size_t rounded(std::size_t size) {
  return (size + granularity - 1) / granularity * granularity;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  if (size > max_kept_bytes) return ::operator new(size);
  FreeFrame*& list = free_lists.list_for(size);
  if (list == nullptr) return ::operator new(rounded(size));
  return std::exchange(list, list->next);
}

void free_frame(void* frame, std::size_t size) noexcept {
  if (size > max_kept_bytes || !(free_lists.freed_with_thread || free_with_thread()))
    return ::operator delete(frame);
  FreeFrame*& list = free_lists.list_for(size);
  list = new (frame) FreeFrame{list};
}

#endif

}  // namespace contend::coro
