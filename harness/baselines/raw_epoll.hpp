// The hand-written epoll loop: what one thread can do where no session, coroutine or timer is in
// the way. Shared by raw_epoll.cpp (over sockets) and mocked_epoll.cpp (over mocked system calls).
// Not a server for use: a peer that does not read its answers is hung up on.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "engines/net.hpp"
#include "engines/stop.hpp"

namespace contend {

class RawEpoll {
 public:
  /// `service` may be null: echo.
  RawEpoll(Fd listener, Service* service) : listener_(std::move(listener)), service_(service) {
    set_nonblocking(listener_.get(), true);
    watch(listener_.get());
  }

  /// Looks at `stop` once a turn; its descriptor is not watched.
  void run(StopToken stop) {
    std::array<epoll_event, 512> events;
    while (!stop.requested()) {
      const int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_.get())
          accept_all();
        else if (!answer(event.data.fd, (event.events & ~EPOLLIN) != 0))
          hang_up(event.data.fd);
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data = {.fd = fd}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }

  void accept_all() {
    int fd = -1;
    while ((fd = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
      watch(fd);
      if (service_ == nullptr) continue;
      const auto index = static_cast<std::size_t>(fd);
      if (sessions_.size() <= index) sessions_.resize(index + 1);
      sessions_[index] = service_->open();
      sessions_[index]->on_open();
    }
  }

  void hang_up(int fd) {
    if (service_ != nullptr) sessions_[static_cast<std::size_t>(fd)].reset();
    close(fd);
  }

  /// Receives and answers until the socket is drained; false when the connection is over. A short
  /// read says drained, unless the peer has closed: its FIN may be queued behind the data.
  bool answer(int fd, bool ended) {
    for (;;) {
      const ssize_t got = recv(fd, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) return got < 0 && errno == EAGAIN;
      const auto size = static_cast<std::size_t>(got);
      Bytes reply{buffer_.data(), size};
      bool close_after = false;
      if (service_ != nullptr) {
        const Step step = sessions_[static_cast<std::size_t>(fd)]->on_bytes(reply);
        reply = step.send;
        close_after = step.then != Step::Then::await_bytes;
      }
      if (!reply.empty() &&
          send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(reply.size()))
        return false;
      if (close_after) return false;
      if (!ended && size < buffer_.size()) return true;
    }
  }

  Fd epoll_{epoll_create1(EPOLL_CLOEXEC)};
  Fd listener_;
  Service* service_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by descriptor
  std::array<std::byte, 64 * 1024> buffer_{};
};

}  // namespace contend
