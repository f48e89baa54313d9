// For tests: a server that knows nothing of engines, a thread a connection, with any behaviour.
//   TestServer server([](Client& peer) { peer.send(peer.receive(64)); });
#pragma once

#include <poll.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "engines/test_client.hpp"

namespace contend::test {

/// A socket on a port of the kernel's choice.
inline Fd bound_socket() {
  Fd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const Endpoint any = Endpoint::loopback(0);
  if (!fd || bind(fd.get(), any.get(), any.length) != 0) throw_errno("bind");
  return fd;
}
inline Fd listening_socket() {
  Fd fd = bound_socket();
  if (listen(fd.get(), SOMAXCONN) != 0) throw_errno("listen");
  return fd;
}

/// A listener whose queue is full and stays so: the kernel drops every attempt to connect (tcp(7),
/// tcp_abort_on_overflow), as if nobody were there at all.
class DeafListener {
 public:
  DeafListener() : listener_(bound_socket()) {
    if (listen(listener_.get(), 0) != 0) throw_errno("listen");
    constexpr int longer_than_it_takes_ms = 200;
    for (bool is_full = false; !is_full;) {
      queued_.push_back(client_socket(endpoint(), SOCK_NONBLOCK));
      connect(queued_.back().get(), endpoint().get(), endpoint().length);
      pollfd polled{.fd = queued_.back().get(), .events = POLLOUT, .revents = 0};
      is_full = poll(&polled, 1, longer_than_it_takes_ms) == 0;
    }
  }
  std::uint16_t port() const { return port_of(listener_); }
  Endpoint endpoint() const { return Endpoint::loopback(port()); }

 private:
  Fd listener_;
  std::vector<Fd> queued_;
};

class TestServer {
 public:
  /// What to do with a connection; it is closed when this returns.
  using Talk = std::function<void(Client& peer)>;

  explicit TestServer(Talk talk) : TestServer(listening_socket(), std::move(talk)) {}
  TestServer(Fd listener, Talk talk) : listener_(std::move(listener)), talk_(std::move(talk)) {
    port_ = port_of(listener_);
    accepting_ = std::thread([this] { accept_all(); });
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    shutdown(listener_.get(), SHUT_RDWR);  // makes accept return
    accepting_.join();
    for (std::thread& thread : talking_) thread.join();
  }

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    for (;;) {
      Fd connection{accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (!connection) return;
      ++connections_;
      talking_.emplace_back([this, peer = Client(std::move(connection))]() mutable {
        talk_(peer);
        peer.close();
      });
    }
  }

  Fd listener_;
  Talk talk_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread accepting_;
  std::vector<std::thread> talking_;  // the accepting thread's until that is joined
};

}  // namespace contend::test
