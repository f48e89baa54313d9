// For tests: a plain client socket that knows nothing of engines, and gives up after `patience`.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "engines/test_host.hpp"

namespace contend::test {

class Client {
 public:
  /// Connects to 127.0.0.1. Throws std::system_error. `receive_buffer` of 0: the system's size.
  explicit Client(std::uint16_t port, int receive_buffer = 0)
      : Client(Endpoint::loopback(port), receive_buffer) {}
  explicit Client(const Endpoint& server, int receive_buffer = 0)
      : fd_(socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0)
      setsockopt(get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    set_up();
    // After a signal the attempt goes on, and calling again waits for it (connect(2)).
    while (connect(get(), server.get(), server.length) != 0 && errno != EISCONN)
      if (errno != EINTR && errno != EALREADY) throw_errno("connect");
  }

  /// A connection that is there already.
  explicit Client(Fd connection) : fd_(std::move(connection)) { set_up(); }

  int get() const { return fd_.get(); }

  /// How long a send or a receive may be stuck.
  void set_patience(Duration limit) {
    const auto us = std::chrono::ceil<std::chrono::microseconds>(limit).count();
    const timeval timeout{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
    setsockopt(get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  }

  /// Sends as much as the peer takes before our patience ends; returns how much that was.
  std::size_t send(std::string_view bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t count = ::send(get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;  // not restarted with a timeout, signal(7)
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    return sent;
  }

  /// So many bytes, or fewer where the peer closed, reset or stayed silent before (see `error`).
  std::string receive(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t received = 0;
    error_ = 0;
    while (received < size) {
      const ssize_t count = recv(get(), bytes.data() + received, size - received, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) error_ = errno;
      if (count <= 0) break;
      received += static_cast<std::size_t>(count);
    }
    bytes.resize(received);
    return bytes;
  }
  /// All until the peer closes.
  std::string receive_all() {
    std::string all;
    for (std::string some; !(some = receive(64 << 10)).empty();) all += some;
    return all;
  }
  std::string ask(std::string_view bytes) {
    send(bytes);
    return receive(bytes.size());
  }
  /// Whether the peer closed in good order, with nothing more to read.
  bool at_end() { return receive(1).empty() && error_ == 0; }
  /// Whether something can be read at this moment: bytes, the end or an error.
  bool readable() const {
    pollfd ready{.fd = get(), .events = POLLIN, .revents = 0};
    return poll(&ready, 1, 0) == 1;
  }
  int error() const { return error_; }  ///< The errno that ended the last receive, 0 for none.

  void half_close() { shutdown(get(), SHUT_WR); }
  void close() { fd_.reset(); }
  /// Closes with a reset instead of a FIN (SO_LINGER of 0, socket(7)).
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
  }

 private:
  void set_up() {
    const int on = 1;
    setsockopt(get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    set_patience(patience);
  }

  Fd fd_;
  int error_ = 0;
};

/// Bytes in which every place is told from its neighbours.
inline std::string pattern(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return bytes;
}

}  // namespace contend::test
