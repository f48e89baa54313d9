// An array that a process shares with the children it forks: what they write, the parent reads.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace contend {

/// Fixed-size, value-initialised, in anonymous shared memory (mmap(2), MAP_SHARED | MAP_ANONYMOUS).
/// Elements are not destroyed; `T` must be trivially destructible. Move-only.
/// Throws std::system_error when there is no memory.
template <typename T>
requires std::is_trivially_destructible_v<T>
class SharedArray {
 public:
  explicit SharedArray(std::size_t size) : size_(size) {
    if (size == 0) return;
    void* memory =
        mmap(nullptr, size * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "mmap of shared memory");
    elements_ = static_cast<T*>(memory);
    std::uninitialized_value_construct_n(elements_, size);
  }
  SharedArray(SharedArray&& other) noexcept
      : elements_(std::exchange(other.elements_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SharedArray& operator=(SharedArray&& other) noexcept {
    std::swap(elements_, other.elements_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SharedArray() {
    if (elements_ != nullptr) munmap(elements_, size_ * sizeof(T));
  }

  std::span<T> span() { return {elements_, size_}; }
  std::span<const T> span() const { return {elements_, size_}; }
  T& operator[](std::size_t index) { return elements_[index]; }
  const T& operator[](std::size_t index) const { return elements_[index]; }
  std::size_t size() const { return size_; }

 private:
  T* elements_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace contend
