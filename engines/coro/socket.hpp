// A non-blocking stream socket on a loop: tried first, waited for only when a call said "not yet".
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "engines/coro/loop.hpp"
#include "engines/net.hpp"

namespace contend::coro {

/// Owns the descriptor; registered with the loop's poller once, for its whole life. Does not move.
class Socket {
 public:
  enum class Origin { accepted, connecting, unconnected };

  /// An accepted socket is tried at once, as a listening one is; a connecting one is neither
  /// readable nor writable until the poller says so; of an unconnected one the poller is not told
  /// yet, as it would be reported as hung up. Throws std::system_error.
  Socket(Loop& loop, Fd fd, Origin origin);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  int fd() const { return fd_.get(); }

  /// One recv(2), or none where the last one has drained the socket: the bytes received, 0 at the
  /// peer's end, or a negative errno; -EAGAIN means: await `readable`.
  ssize_t receive(std::span<std::byte> into) noexcept;
  /// Sends what the kernel takes and returns the rest; if that is not empty, await `writable`.
  /// A failure ends it with nothing left and is told by `error`.
  Bytes send(Bytes bytes) noexcept;
  /// errno of a failed `send`, or 0.
  int error() const { return error_; }
  /// One accept4(2): the new non-blocking descriptor, or a negative errno; -EAGAIN means: await
  /// `readable`.
  int accept() noexcept;
  /// One connect(2): 0, or a negative errno; -EINPROGRESS means: await `writable`, then ask again.
  /// Throws std::system_error where the poller takes no more.
  int connect(const Endpoint& endpoint);

  /// Whether there may be something to receive: the next `receive` will look.
  bool is_readable() const { return (watch_.ready & can_read) != 0; }
  bool is_writable() const { return (watch_.ready & Watch::writable) != 0; }
  /// Awaitable: one of `events` (Watch::Event) is there. Gives false if none came `within` that
  /// time, which is borrowed, since a copy of a step's new field costs more than all else here
  /// (`renew`).
  auto ready(std::uint8_t events, const std::optional<Duration>& within) {
    return Ready{*this, within, events};
  }
  /// Awaitable: there is something to receive.
  auto readable(const std::optional<Duration>& within = {}) { return ready(can_read, within); }
  /// Awaitable: the kernel takes more.
  auto writable() { return loop_.ready(watch_, Watch::writable); }

  static constexpr std::uint8_t can_read = Watch::readable | Watch::ended;
  Loop& loop() const { return loop_; }
  /// For who waits in a way of their own.
  Watch& watch() { return watch_; }

 private:
  struct Silence;
  struct Ready {
    Socket& socket;
    const std::optional<Duration>& within;
    std::uint8_t events;
    bool await_ready() const noexcept { return (socket.watch_.ready & events) != 0; }
    template <AnyPromise P>
    void await_suspend(std::coroutine_handle<P> waiter) {
      if (within) socket.start_silence(*within);
      socket.loop_.ready(socket.watch_, events).await_suspend(waiter);
    }
    bool await_resume() const noexcept { return !within || socket.end_silence(); }
  };

  void start_silence(Duration within);
  bool end_silence() noexcept;

  Loop& loop_;
  Fd fd_;
  int error_ = 0;
  Watch watch_;
  std::unique_ptr<Silence> silence_;  // most sockets never need one
};

// Inline, since between two system calls every line of code has to come from the second-level cache
// anew, and code that is called lies elsewhere.
inline ssize_t Socket::receive(std::span<std::byte> into) noexcept {
  if (!is_readable()) return -EAGAIN;
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (errno == EAGAIN) watch_.ready &= ~can_read;
    return -errno;
  }
  // A short read has drained the socket (epoll(7), Q9), which saves the call that would say EAGAIN.
  // But a FIN may be queued behind the data already: then its edge has been told, as `ended`.
  const bool drained = static_cast<std::size_t>(got) < into.size();
  if (drained && (watch_.ready & Watch::ended) == 0) watch_.ready &= ~Watch::readable;
  return got;
}

inline Bytes Socket::send(Bytes bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      if (bytes.empty()) break;
      watch_.ready &= ~Watch::writable;  // a short write has filled the socket's buffer
      return bytes;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      watch_.ready &= ~Watch::writable;
      return bytes;
    }
    error_ = errno;
    return {};
  }
  return {};
}

}  // namespace contend::coro
