// A non-blocking stream socket on a loop: tried first, waited for only when a call said "not yet".
#pragma once

#include <memory>
#include <optional>

#include "engines/coro/loop.hpp"
#include "engines/net.hpp"

namespace contend::coro {

/// Owns the descriptor; registered with the loop's poller once, for its whole life. Does not move.
class Socket {
 public:
  enum class Origin { accepted, connecting };

  /// An accepted socket is tried at once; a connecting one is neither readable nor writable until
  /// the poller says so. Throws std::system_error.
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

  /// Awaitable: there is something to receive. Gives false when nothing came `within` that time,
  /// which is borrowed, since a copy of a step's new field costs more than all else here (`renew`).
  auto readable(const std::optional<Duration>& within = {}) {
    struct Awaiter {
      Socket& socket;
      const std::optional<Duration>& within;
      bool await_ready() const noexcept { return (socket.watch_.ready & can_read) != 0; }
      void await_suspend(std::coroutine_handle<> waiter) {
        if (within) socket.start_silence(*within);
        socket.loop_.ready(socket.watch_, can_read).await_suspend(waiter);
      }
      bool await_resume() const noexcept { return !within || socket.end_silence(); }
    };
    return Awaiter{*this, within};
  }
  /// Awaitable: the kernel takes more.
  auto writable() { return loop_.ready(watch_, Watch::writable); }

 private:
  static constexpr std::uint8_t can_read = Watch::readable | Watch::ended;
  struct Silence;

  void start_silence(Duration within);
  bool end_silence() noexcept;

  Loop& loop_;
  Fd fd_;
  int error_ = 0;
  Watch watch_;
  std::unique_ptr<Silence> silence_;  // most sockets never need one
};

}  // namespace contend::coro
