// The hand-written io_uring loop: what one thread can do where no session or state machine is in
// the way. Shared by raw_io_uring.cpp (over sockets) and mocked_io_uring.cpp (over a ring that only
// seems to be one). Not a server for use: a peer that does not read its answers keeps receive
// buffers.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "engines/net.hpp"
#include "engines/stop.hpp"
#include "harness/baselines/raw_ring.hpp"

namespace contend {

class RawIoUring {
 public:
  /// `service` may be null: echo. Throws std::system_error where io_uring is not to be had.
  RawIoUring(Fd listener, Service* service) : listener_(std::move(listener)), service_(service) {}

  /// Looks at `stop` once a turn; its descriptor is not watched.
  void run(StopToken stop) {
    accept();
    while (!stop.requested())
      ring_.turn([this](const io_uring_cqe& completion) { handle(completion); });
  }

 private:
  enum class Operation : std::uint8_t { accept, receive, send, last_send };

  static std::uint64_t name(Operation operation, int fd, unsigned buffer = 0) {
    return static_cast<std::uint64_t>(fd) << 32 | buffer << 8 |
           static_cast<std::uint64_t>(operation);
  }

  void accept() {
    const std::uint64_t user_data = name(Operation::accept, 0);
    io_uring_prep_multishot_accept(ring_.entry(user_data), listener_.get(), nullptr, nullptr,
                                   SOCK_CLOEXEC);
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
        else if (completion.res != -ENOBUFS)
          return hang_up(fd);
        if (!goes_on) ring_.receive(fd, name(Operation::receive, fd));
        break;
      case Operation::last_send: shutdown(fd, SHUT_RDWR); [[fallthrough]];
      case Operation::send: ring_.give_back(completion.user_data >> 8 & 0xffff); break;
    }
  }

  void open(int fd) {
    ring_.receive(fd, name(Operation::receive, fd));
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
    Bytes reply{ring_.buffer(buffer), static_cast<std::size_t>(size)};
    Operation operation = Operation::send;
    if (service_ != nullptr) {
      const Step step = sessions_[static_cast<std::size_t>(fd)]->on_bytes(reply);
      reply = step.send;
      if (step.then != Step::Then::await_bytes) operation = Operation::last_send;
    }
    if (reply.empty()) return ring_.give_back(buffer);
    io_uring_prep_send(ring_.entry(name(operation, fd, buffer)), fd, reply.data(), reply.size(),
                       MSG_NOSIGNAL | MSG_WAITALL);
  }

  RawRing ring_;
  Fd listener_;
  Service* service_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by descriptor
};

}  // namespace contend
