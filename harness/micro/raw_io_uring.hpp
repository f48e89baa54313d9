// The hand-written io_uring loop: what one thread can do where no session or state machine is in
// the way. Shared by raw_io_uring.cpp (over sockets) and mocked_io_uring.cpp (over a ring that only
// seems to be one). Needs Linux 6.1. Not a server for use: a peer that does not read its answers
// keeps receive buffers.
#pragma once

#include <liburing.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "engines/net.hpp"
#include "engines/stop.hpp"

namespace contend {

class RawIoUring {
 public:
  /// `service` may be null: echo. Throws std::system_error where io_uring is not to be had.
  RawIoUring(Fd listener, Service* service) : listener_(std::move(listener)), service_(service) {
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
  RawIoUring(const RawIoUring&) = delete;
  RawIoUring& operator=(const RawIoUring&) = delete;
  ~RawIoUring() {
    io_uring_queue_exit(&ring_);
    munmap(buffer_ring_, buffers * sizeof(io_uring_buf));
    munmap(memory_, buffers * buffer_bytes);
  }

  /// Looks at `stop` once a turn; its descriptor is not watched.
  void run(StopToken stop) {
    accept();
    while (!stop.requested()) {
      io_uring_submit_and_wait(&ring_, 1);
      unsigned head = 0, handled = 0;
      io_uring_cqe* completion = nullptr;
      io_uring_for_each_cqe(&ring_, head, completion) {
        handle(*completion);
        ++handled;
      }
      io_uring_cq_advance(&ring_, handled);
      if (std::exchange(ran_out_, false)) provide(std::min(provided_, buffers - provided_));
    }
  }

 private:
  enum class Operation : std::uint8_t { accept, receive, send, last_send };
  static constexpr unsigned submissions = 1024, buffers = 8192, first_buffers = 64;
  static constexpr std::size_t buffer_bytes = 2048 + 64;  // spreads over the cache's sets

  static void check(int result, const char* what) {
    if (result < 0) throw std::system_error(-result, std::generic_category(), what);
  }
  static void* map(std::size_t bytes) {
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) check(-errno, "mmap");
    return memory;
  }

  io_uring_sqe* entry(Operation operation, int fd, unsigned buffer = 0) {
    io_uring_sqe* made = io_uring_get_sqe(&ring_);
    while (made == nullptr) {
      io_uring_submit(&ring_);
      made = io_uring_get_sqe(&ring_);
    }
    made->user_data =
        static_cast<std::uint64_t>(fd) << 32 | buffer << 8 | static_cast<std::uint64_t>(operation);
    return made;
  }

  void accept() {
    io_uring_prep_multishot_accept(entry(Operation::accept, 0), listener_.get(), nullptr, nullptr,
                                   SOCK_CLOEXEC);
  }
  void receive(int fd) {
    io_uring_sqe* const made = entry(Operation::receive, fd);
    io_uring_prep_recv_multishot(made, fd, nullptr, 0, 0);
    made->flags |= IOSQE_BUFFER_SELECT;
  }

  void handle(const io_uring_cqe& completion) {
    const int fd = static_cast<int>(completion.user_data >> 32);
    const bool goes_on = (completion.flags & IORING_CQE_F_MORE) != 0;
    switch (static_cast<Operation>(completion.user_data & 0xff)) {
      case Operation::accept:
        if (completion.res >= 0) open(completion.res);
        if (!goes_on) accept();
        break;
      case Operation::receive:
        if (completion.res > 0)
          answer(fd, completion.flags >> IORING_CQE_BUFFER_SHIFT, completion.res);
        else if (completion.res == -ENOBUFS)
          ran_out_ = true;
        else
          return hang_up(fd);
        if (!goes_on) receive(fd);
        break;
      case Operation::last_send: shutdown(fd, SHUT_RDWR); [[fallthrough]];
      case Operation::send: give_back(completion.user_data >> 8 & 0xffff); break;
    }
  }

  void open(int fd) {
    receive(fd);
    if (service_ == nullptr) return;
    const auto index = static_cast<std::size_t>(fd);
    if (sessions_.size() <= index) sessions_.resize(index + 1);
    sessions_[index] = service_->open();
    sessions_[index]->on_open();
  }
  void hang_up(int fd) {
    if (service_ != nullptr) sessions_[static_cast<std::size_t>(fd)].reset();
    close(fd);
  }

  /// Sends out of the buffer itself, which goes back when that is done.
  void answer(int fd, unsigned buffer, int size) {
    Bytes reply{memory_ + buffer * buffer_bytes, static_cast<std::size_t>(size)};
    Operation operation = Operation::send;
    if (service_ != nullptr) {
      const Step step = sessions_[static_cast<std::size_t>(fd)]->on_bytes(reply);
      reply = step.send;
      if (step.then != Step::Then::await_bytes) operation = Operation::last_send;
    }
    if (reply.empty()) return give_back(buffer);
    io_uring_prep_send(entry(operation, fd, buffer), fd, reply.data(), reply.size(),
                       MSG_NOSIGNAL | MSG_WAITALL);
  }

  void give_back(std::uint64_t buffer) {
    const auto id = static_cast<unsigned short>(buffer);
    io_uring_buf_ring_add(buffer_ring_, memory_ + id * buffer_bytes, buffer_bytes, id,
                          static_cast<int>(buffers - 1), 0);
    io_uring_buf_ring_advance(buffer_ring_, 1);
  }
  void provide(unsigned count) {
    for (unsigned i = 0; i < count; ++i) give_back(provided_++);
  }

  io_uring ring_{};
  Fd listener_;
  Service* service_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by descriptor
  std::byte* memory_ = nullptr;
  io_uring_buf_ring* buffer_ring_ = nullptr;
  unsigned provided_ = 0;  // as many as were ever needed at once, up to a factor of two
  bool ran_out_ = false;
};

}  // namespace contend
