// A provided-buffer ring (io_uring_register_buf_ring(3)).
#include "engines/uring/buffers.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <system_error>

#include "engines/net.hpp"

namespace contend::uring {
namespace {

void* map(std::size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw_errno("mmap of receive buffers");
  return memory;
}

int register_buffer_ring(io_uring* ring, void* memory, unsigned count) {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
  registration.ring_entries = count;
  registration.bgid = ReceiveBuffers::group;
  return io_uring_register_buf_ring(ring, &registration, 0);
}

}  // namespace

bool has_buffer_rings(io_uring* ring) {
  void* const memory = map(sizeof(io_uring_buf));
  const bool has = register_buffer_ring(ring, memory, 1) == 0;
  if (has) io_uring_unregister_buf_ring(ring, ReceiveBuffers::group);
  munmap(memory, sizeof(io_uring_buf));
  return has;
}

ReceiveBuffers::ReceiveBuffers(io_uring* ring, unsigned count) : owner_(ring), mask_(count - 1) {
  // Memory that no message has touched yet is only reserved.
  ring_ = static_cast<io_uring_buf_ring*>(map(ring_bytes()));
  memory_ = static_cast<std::byte*>(map(memory_bytes()));
  io_uring_buf_ring_init(ring_);
  if (const int result = register_buffer_ring(ring, ring_, count); result != 0)
    throw std::system_error(-result, std::generic_category(), "io_uring_register_buf_ring");
  provide(std::min(first_buffers, count));
}

ReceiveBuffers::~ReceiveBuffers() {
  io_uring_unregister_buf_ring(owner_, group);
  munmap(ring_, ring_bytes());
  munmap(memory_, memory_bytes());
}

void ReceiveBuffers::grow() {
  if (!ran_out_) return;
  ran_out_ = false;
  provide(std::min(provided_, mask_ + 1 - provided_));
}

void ReceiveBuffers::provide(unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    add(static_cast<unsigned short>(provided_++));
    io_uring_buf_ring_advance(ring_, 1);
  }
}

}  // namespace contend::uring
