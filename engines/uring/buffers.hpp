// The memory that multishot receives are given: a ring of buffers of which the kernel takes one
// for each message, so that a connection that is silent holds none.
#pragma once

#include <liburing.h>

#include <cstddef>

#include "workloads/session.hpp"

namespace contend::uring {

/// Whether the kernel takes buffer rings (5.19).
bool has_buffer_rings(io_uring* ring);

/// Belongs to the ring's thread. Must be destroyed before the ring, with no receive in flight.
class ReceiveBuffers {
 public:
  static constexpr unsigned short group = 0;
  /// An odd number of cache lines, so that the beginnings of buffers, which is all that short
  /// messages touch, spread over the cache's sets.
  static constexpr std::size_t buffer_bytes = 2048 + 64;

  /// So many bytes may be read behind what was received, wherever it ends; they hold anything.
  static constexpr std::size_t readable_behind = 64;

  /// At most `count` buffers, a power of two. Throws std::system_error.
  ReceiveBuffers(io_uring* ring, unsigned count);
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;
  ~ReceiveBuffers();

  /// What a receive with these completion flags and this result brought. Valid until given back.
  Bytes received(unsigned flags, int result) const {
    return {address(flags >> IORING_CQE_BUFFER_SHIFT), static_cast<std::size_t>(result)};
  }
  /// The buffer of a completion with these flags may be filled again.
  void give_back(unsigned flags) {
    add(static_cast<unsigned short>(flags >> IORING_CQE_BUFFER_SHIFT));
    io_uring_buf_ring_advance(ring_, 1);
  }
  /// A receive found no buffer (ENOBUFS): from the next call of `grow` on there are more.
  void ran_out() { ran_out_ = true; }
  /// Once a turn: doubles the number of buffers where they ran out, up to the limit.
  void grow();
  unsigned in_use() const { return provided_; }

 private:
  static constexpr unsigned first_buffers = 64;

  std::byte* address(unsigned id) const { return memory_ + id * buffer_bytes; }
  void add(unsigned short id) {
    io_uring_buf_ring_add(ring_, address(id), buffer_bytes, id, static_cast<int>(mask_), 0);
  }
  void provide(unsigned count);
  std::size_t ring_bytes() const { return (mask_ + 1) * sizeof(io_uring_buf); }
  std::size_t memory_bytes() const { return (mask_ + 1) * buffer_bytes + readable_behind; }

  io_uring* owner_;
  unsigned mask_;
  unsigned provided_ = 0;
  bool ran_out_ = false;
  io_uring_buf_ring* ring_ = nullptr;
  std::byte* memory_ = nullptr;
};

}  // namespace contend::uring
