// A non-blocking stream socket on a loop.
#include "engines/coro/socket.hpp"

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
    self.socket.loop_.resume(*self.socket.watch_.waiter);
  }

  Socket& socket;
  std::optional<TimePoint> deadline{};  // while somebody waits
  bool ran_out = false;
};

Socket::Socket(Loop& loop, Fd fd, Origin origin)
    : loop_(loop),
      fd_(std::move(fd)),
      watch_{.fd = origin == Origin::unconnected ? -1 : fd_.get()} {
  if (origin != Origin::accepted) watch_.ready = 0;
  if (origin != Origin::unconnected) loop_.add(watch_);
}

Socket::~Socket() {
  if (watch_.fd >= 0) loop_.remove(watch_);
}

int Socket::accept() noexcept {
  const int fd = ::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) return fd;
  if (errno == EAGAIN) watch_.ready &= ~can_read;
  return -errno;
}

int Socket::connect(const Endpoint& endpoint) {
  const bool done = ::connect(fd_.get(), endpoint.get(), endpoint.length) == 0;
  const int error = done ? 0 : errno;
  if (watch_.fd < 0) {
    watch_.fd = fd_.get();
    loop_.add(watch_);
  }
  if (done || error == EISCONN) {
    watch_.ready |= Watch::writable;
    return 0;
  }
  watch_.ready &= ~Watch::writable;
  return error == EALREADY ? -EINPROGRESS : -error;
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
