// A ring of io_uring with buffers to receive into, for the hand-written programs: the server that
// engines are measured beside (raw_io_uring.hpp) and the client that load is (floor_client.cpp).
// Needs Linux 6.1.
#pragma once

#include <liburing.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace contend {

class RawRing {
 public:
  /// Throws std::system_error where io_uring is not to be had.
  RawRing() {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
    parameters.cq_entries = 4 * submissions;
    check(io_uring_queue_init_params(submissions, &ring_, &parameters), "io_uring_setup");
    io_uring_register_ring_fd(&ring_);
    memory_ = static_cast<std::byte*>(map(buffers * buffer_bytes));
    buffer_ring_ = static_cast<io_uring_buf_ring*>(map(buffers * sizeof(io_uring_buf)));
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffer_ring_);
    registration.ring_entries = buffers;
    check(io_uring_register_buf_ring(&ring_, &registration, 0), "io_uring_register_buf_ring");
    io_uring_buf_ring_init(buffer_ring_);
    provide(first_buffers);
  }
  RawRing(const RawRing&) = delete;
  RawRing& operator=(const RawRing&) = delete;
  ~RawRing() {
    io_uring_queue_exit(&ring_);
    munmap(buffer_ring_, buffers * sizeof(io_uring_buf));
    munmap(memory_, buffers * buffer_bytes);
  }

  static void check(int result, const char* what) {
    if (result < 0) throw std::system_error(-result, std::generic_category(), what);
  }

  /// From now on descriptors are places in `fds` where their submissions say IOSQE_FIXED_FILE.
  void register_files(const int* fds, unsigned count) {
    check(io_uring_register_files(&ring_, fds, count), "io_uring_register_files");
  }

  /// A submission to be prepared; the next turn has it.
  io_uring_sqe* entry(std::uint64_t user_data) {
    io_uring_sqe* made = io_uring_get_sqe(&ring_);
    while (made == nullptr) {
      io_uring_submit(&ring_);
      made = io_uring_get_sqe(&ring_);
    }
    made->user_data = user_data;
    return made;
  }

  /// Completions name the buffer that each chunk is in, until one without IORING_CQE_F_MORE.
  void receive(int fd, std::uint64_t user_data, unsigned flags = 0) {
    io_uring_sqe* const made = entry(user_data);
    io_uring_prep_recv_multishot(made, fd, nullptr, 0, 0);
    made->flags |= IOSQE_BUFFER_SELECT | flags;
  }

  /// Submits, waits for one completion and hands over all that are there.
  template <typename Handle>
  void turn(const Handle& handle) {
    io_uring_submit_and_wait(&ring_, 1);
    unsigned head = 0, handled = 0;
    bool ran_out = false;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      ran_out = ran_out || completion->res == -ENOBUFS;
      handle(*completion);
      ++handled;
    }
    io_uring_cq_advance(&ring_, handled);
    if (ran_out) provide(std::min(provided_, buffers - provided_));
  }

  std::byte* buffer(std::uint64_t id) { return memory_ + id * buffer_bytes; }
  void give_back(std::uint64_t buffer_id) {
    io_uring_buf_ring_add(buffer_ring_, buffer(buffer_id), buffer_bytes,
                          static_cast<unsigned short>(buffer_id), static_cast<int>(buffers - 1), 0);
    io_uring_buf_ring_advance(buffer_ring_, 1);
  }

 private:
  static constexpr unsigned submissions = 1024, buffers = 8192, first_buffers = 64;
  static constexpr std::size_t buffer_bytes = 2048 + 64;  // spreads over the cache's sets

  static void* map(std::size_t bytes) {
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) check(-errno, "mmap");
    return memory;
  }
  void provide(unsigned count) {
    for (unsigned i = 0; i < count; ++i) give_back(provided_++);
  }

  io_uring ring_{};
  std::byte* memory_ = nullptr;
  io_uring_buf_ring* buffer_ring_ = nullptr;
  unsigned provided_ = 0;  // as many as were ever needed at once, up to a factor of two
};

}  // namespace contend
