// A non-blocking stream socket on a loop.
#include "engines/coro/socket.hpp"

#include <cerrno>

namespace contend::coro {

/// The timer of `reply_within`. It is armed lazily: a reply in time leaves it in the heap, and when
/// it fires early it arms itself anew, so that a request costs no heap operation.
struct Socket::Silence : Timer {
  explicit Silence(Socket& owner) : Timer(&Silence::on_due), socket(owner) {}

  static void on_due(Timer& timer) {
    auto& self = static_cast<Silence&>(timer);
    if (!self.deadline) return;
    if (*self.deadline > self.socket.loop_.now()) {
      self.socket.loop_.timers().arm(self, *self.deadline);
      return;
    }
    self.ran_out = true;
    self.socket.watch_.awaited = 0;
    self.socket.watch_.waiter.resume();
  }

  Socket& socket;
  std::optional<TimePoint> deadline{};  // while somebody waits
  bool ran_out = false;
};

Socket::Socket(Loop& loop, Fd fd, Origin origin)
    : loop_(loop), fd_(std::move(fd)), watch_{.fd = fd_.get()} {
  if (origin == Origin::connecting) watch_.ready = 0;
  loop_.add(watch_);
}

Socket::~Socket() {
  loop_.remove(watch_);
}

ssize_t Socket::receive(std::span<std::byte> into) noexcept {
  if ((watch_.ready & can_read) == 0) return -EAGAIN;
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

Bytes Socket::send(Bytes bytes) noexcept {
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

void Socket::start_silence(Duration within) {
  if (!silence_) silence_ = std::make_unique<Silence>(*this);
  silence_->ran_out = false;
  silence_->deadline = loop_.now() + within;
  if (!silence_->armed() || silence_->when() > *silence_->deadline)
    loop_.timers().arm(*silence_, *silence_->deadline);
}

bool Socket::end_silence() noexcept {
  if (!silence_) return true;  // it was readable at once
  silence_->deadline.reset();
  return !std::exchange(silence_->ran_out, false);
}

}  // namespace contend::coro
