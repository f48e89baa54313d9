// Free lists of coroutine frames. Under a sanitizer every frame is a plain allocation, so that the
// sanitizer sees its life.
#include "engines/coro/frames.hpp"

#include <array>
#include <new>
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
constexpr std::size_t largest_kept = 1024;  // larger frames go straight to the heap

struct FreeFrame {
  FreeFrame* next;
};

class FreeLists {
 public:
  ~FreeLists() {
    for (FreeFrame* frame : lists_)
      while (frame != nullptr) ::operator delete(std::exchange(frame, frame->next));
  }
  FreeFrame*& list_for(std::size_t size) { return lists_[(size - 1) / granularity]; }

 private:
  std::array<FreeFrame*, largest_kept / granularity> lists_{};
};

thread_local FreeLists free_lists;

std::size_t rounded(std::size_t size) {
  return (size + granularity - 1) / granularity * granularity;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  if (size > largest_kept) return ::operator new(size);
  FreeFrame*& list = free_lists.list_for(size);
  if (list == nullptr) return ::operator new(rounded(size));
  return std::exchange(list, list->next);
}

void free_frame(void* frame, std::size_t size) noexcept {
  if (size > largest_kept) return ::operator delete(frame);
  FreeFrame*& list = free_lists.list_for(size);
  list = new (frame) FreeFrame{list};
}

#endif

}  // namespace contend::coro
