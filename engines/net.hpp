// Descriptors and addresses: what every engine needs before its idiom begins.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "workloads/session.hpp"

namespace contend {

/// Throws std::system_error of errno, which says what failed.
[[noreturn]] void throw_errno(const std::string& what);

/// Owns a descriptor; move-only.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

/// A socket address: "HOST:PORT" (numeric IPv4, or IPv6 in brackets, or "localhost") or
/// "unix:PATH".
struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;

  /// Throws std::invalid_argument that shows the two forms.
  static Endpoint parse(std::string_view text);
  static Endpoint loopback(std::uint16_t port);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
  int family() const { return address.ss_family; }
  std::string text() const;
  std::string host() const;  ///< The numeric address alone, without brackets; of unix: empty.
  bool is_loopback() const;  ///< 127.0.0.0/8, ::1 or a unix socket.
};

/// Throws std::invalid_argument, with the address as `text` and what to do as `advice`, unless
/// `endpoint` is on this machine.
void require_loopback(const Endpoint& endpoint, std::string_view text, std::string_view advice);
/// Throws std::invalid_argument unless load may go to `endpoint`: either it is on this machine, or
/// `allowed`, the value of --allow-remote, names `host`, its host as the user writes it. Another
/// name in `allowed` is wrong in any case, since the command line can't be what was meant.
void require_allowed(const Endpoint& endpoint, std::string_view text, std::string_view host,
                     std::string_view allowed);

/// A listening TCP or unix socket: blocking, CLOEXEC, SO_REUSEADDR, TCP_NODELAY (accepted sockets
/// inherit it from the listener on Linux, which saves a call a connection), backlog
/// `listen_backlog`. `shared`: others may listen beside it (SO_REUSEPORT, socket(7)), as a server
/// with several workers does. Throws std::system_error that names the address.
Fd listen_on(const Endpoint& endpoint, bool shared = false);
inline constexpr int listen_backlog = 4096;
/// Another listener on the address of one that is `shared`, for one more loop. Throws likewise.
Fd listen_beside(const Fd& listener);
std::uint16_t port_of(const Fd& listener);

/// A new client socket, CLOEXEC, with TCP_NODELAY where it is TCP. `flags` may be SOCK_NONBLOCK.
/// Returns an empty Fd and leaves errno when there is none to be had: running out is an event here.
Fd client_socket(const Endpoint& endpoint, int flags);

/// The session's view of an errno from connect, recv or send.
Failure failure_of(int error_number);
/// Of an attempt to connect, whatever the errno: the connection was never made.
inline Failure refused(int error_number) {
  return {Failure::Kind::refused, error_number};
}
/// Whether accept failed for lack of descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM), so
/// that accepting should pause for `accept_pause` or until a connection ends.
bool is_exhausted(int error_number);
inline constexpr Duration accept_pause = std::chrono::milliseconds(50);
/// Returns if the wait for events that failed with this errno can be tried again: at once after
/// EINTR; where the system is exhausted, after `accept_pause` or `timeout`, whichever is shorter.
/// Throws std::system_error that names `call` for every other errno.
void outlast(int error_number, Duration timeout, const char* call);

/// Throws std::system_error.
void set_nonblocking(int fd, bool on);

}  // namespace contend
