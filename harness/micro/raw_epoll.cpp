// The hand-written epoll loop that the epoll engine is measured beside: what one thread can do
// where no session, coroutine or timer is in the way. Not a server for use: a peer that does not
// read its answers is hung up on. With --http, each chunk is answered by the http workload, so that
// what remains of the difference is the engine's own. Try it:
//   build/release/raw_epoll     and     scripts/limit.py --engines epoll
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "engines/net.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr std::uint32_t edges = EPOLLIN | EPOLLRDHUP | EPOLLET;

class RawEpoll {
 public:
  /// `service` may be null: echo.
  RawEpoll(Fd listener, Service* service) : listener_(std::move(listener)), service_(service) {
    set_nonblocking(listener_.get(), true);
    watch(listener_.get());
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
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
    epoll_event event{.events = edges, .data = {.fd = fd}};
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

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  using namespace contend;
  signal(SIGTERM, [](int) { _exit(0); });
  std::unique_ptr<Service> service;
  if (argc == 2 && std::string_view(argv[1]) == "--http") {
    const Workload& http = find_workload("http");
    service = http.service({http.parameters, {}});
  } else if (argc != 1) {
    std::fputs("usage: raw_epoll [--http]\n", stderr);
    return 2;
  }
  Fd listener = listen_on(Endpoint::loopback(0));
  std::printf("{\"listening\": %d}\n", port_of(listener));
  std::fflush(stdout);
  RawEpoll(std::move(listener), service.get()).run();
}
