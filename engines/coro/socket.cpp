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
