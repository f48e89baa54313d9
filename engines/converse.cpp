// One conversation over a blocking socket.
#include "engines/converse.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>

#include "engines/net.hpp"

namespace contend {
namespace {

using std::chrono::microseconds;

/// Whether a blocking call returned only to let us look around.
bool is_tick(int error_number) {
  return error_number == EAGAIN || error_number == EINTR;
}

void set_timeout(int fd, int option, Duration timeout) {
  // A timeout of 0 would mean to wait for ever.
  const auto us = std::max<std::int64_t>(1, timeout / microseconds(1));
  const timeval value{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
  setsockopt(fd, SOL_SOCKET, option, &value, sizeof value);
}

class Conversation {
 public:
  Conversation(Session& session, std::span<std::byte> room, const Limits& limits)
      : session_(session), room_(room), limits_(limits) {}

  void serve(Fd connection) {
    fd_ = std::move(connection);
    play(session_.on_open());
  }
  void drive(const Endpoint& endpoint) {
    endpoint_ = &endpoint;
    play(connect());
  }

 private:
  void play(Step step);
  Step connect();
  int send_all(Bytes bytes);
  Step receive(std::optional<Duration> reply_within);
  void linger();
  Step fail(Failure failure);
  void wake_by(TimePoint deadline, bool ticked);

  Session& session_;
  std::span<std::byte> room_;
  const Limits& limits_;
  const Endpoint* endpoint_ = nullptr;  // null on a server
  Fd fd_;
  Duration receive_timeout_ = stop_tick;  // what SO_RCVTIMEO is set to
};

void Conversation::play(Step step) {
  while (!limits_.reached()) {
    if (step.not_before && !sleep_until(*step.not_before, limits_)) return;
    if (!step.send.empty()) {
      const int error_number = send_all(step.send);
      if (error_number == ECANCELED) return;
      if (error_number != 0) {
        step = fail(failure_of(error_number));
        continue;
      }
    }
    switch (step.then) {
      case Step::Then::await_bytes: step = receive(step.reply_within); break;
      case Step::Then::more: step = session_.on_sent(); break;
      case Step::Then::reconnect: step = connect(); break;
      case Step::Then::linger: linger(); return;
      case Step::Then::close: return;
    }
  }
}

Step Conversation::connect() {
  fd_ = client_socket(*endpoint_, 0);
  if (!fd_) return fail(refused(errno));
  set_stop_ticks(fd_.get());
  receive_timeout_ = stop_tick;
  const bool is_limited = limits_.connect_within != Duration::max();
  const TimePoint deadline = is_limited ? Clock::now() + limits_.connect_within : TimePoint::max();
  if (limits_.connect_within < stop_tick)
    set_timeout(fd_.get(), SO_SNDTIMEO, limits_.connect_within);
  // Called again, connect goes on waiting for the connection that it has begun (connect(2); a unix
  // socket's has not begun while the backlog is full, and says EAGAIN).
  while (::connect(fd_.get(), endpoint_->get(), endpoint_->length) != 0 && errno != EISCONN) {
    const bool waiting = errno == EINPROGRESS || errno == EALREADY || errno == EINTR ||
                         (errno == EAGAIN && endpoint_->family() == AF_UNIX);
    if (!waiting) return fail(refused(errno));
    if (limits_.reached()) return {.then = Step::Then::close};
    if (is_limited && Clock::now() >= deadline) return fail(refused(ETIMEDOUT));
  }
  if (limits_.connect_within < stop_tick) set_timeout(fd_.get(), SO_SNDTIMEO, stop_tick);
  return session_.on_open();
}

/// Returns 0, or what went wrong, or ECANCELED when a limit was reached first.
int Conversation::send_all(Bytes bytes) {
  for (;;) {
    const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && !is_tick(errno)) return errno;
    if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
    if (bytes.empty()) return 0;
    if (limits_.reached()) return ECANCELED;
  }
}

Step Conversation::receive(std::optional<Duration> reply_within) {
  const TimePoint silent_at = reply_within ? Clock::now() + *reply_within : TimePoint::max();
  for (bool ticked = false;; ticked = true) {
    wake_by(std::min(silent_at, limits_.until), ticked);
    const ssize_t received = recv(fd_.get(), room_.data(), room_.size(), 0);
    if (received > 0) return session_.on_bytes(room_.first(static_cast<std::size_t>(received)));
    if (received == 0) return fail({.kind = Failure::Kind::closed});
    if (!is_tick(errno)) return fail(failure_of(errno));
    if (limits_.reached()) return {.then = Step::Then::close};
    if (silent_at != TimePoint::max() && Clock::now() >= silent_at) return session_.on_silence();
  }
}

/// Sees to it that the next recv returns by then, and by the next tick. It costs a system call only
/// where the deadline is nearer than a tick, or has been.
void Conversation::wake_by(TimePoint deadline, bool ticked) {
  if (deadline == TimePoint::max() && receive_timeout_ == stop_tick) return;
  const Duration wanted = deadline == TimePoint::max()
                              ? stop_tick
                              : std::min<Duration>(stop_tick, deadline - Clock::now());
  // A timeout that is too short only means to look up once more and set it then.
  if (wanted < receive_timeout_ || (ticked && wanted != receive_timeout_)) {
    set_timeout(fd_.get(), SO_RCVTIMEO, wanted);
    receive_timeout_ = wanted;
  }
}

void Conversation::linger() {
  shutdown(fd_.get(), SHUT_WR);
  const TimePoint deadline = std::min(limits_.until, Clock::now() + linger_limit);
  std::size_t discarded = 0;
  while (discarded < linger_limit_bytes && !limits_.reached() && Clock::now() < deadline) {
    wake_by(deadline, true);
    const ssize_t received = recv(fd_.get(), room_.data(), room_.size(), 0);
    if (received == 0 || (received < 0 && !is_tick(errno))) return;
    if (received > 0) discarded += static_cast<std::size_t>(received);
  }
}

/// Closes, so that nothing is held while the session backs off, and asks the session what next.
Step Conversation::fail(Failure failure) {
  fd_.reset();
  Step next = session_.on_failure(failure);
  next.send = {};
  if (next.then != Step::Then::reconnect || endpoint_ == nullptr) next.then = Step::Then::close;
  return next;
}

}  // namespace

void set_stop_ticks(int fd) {
  set_timeout(fd, SO_RCVTIMEO, stop_tick);
  set_timeout(fd, SO_SNDTIMEO, stop_tick);
}

Fd accept_one(const Fd& listener, ServeReport& report, StopToken stop) {
  Fd connection{accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (connection) {
    report.accepted += 1;
    // TCP sockets inherit the listener's timeouts, but those that came before it had any don't, nor
    // do unix sockets.
    set_stop_ticks(connection.get());
  } else if (is_exhausted(errno)) {
    report.accept_pauses += 1;
    sleep_until(Clock::now() + accept_pause, {.stop = stop});
  } else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) {
    throw_errno("accept");
  }
  return connection;  // any other error was that one connection's (accept(2), "Error handling")
}

bool sleep_until(TimePoint time, const Limits& limits) {
  for (;;) {
    if (limits.reached()) return false;
    const TimePoint now = Clock::now();
    if (now >= time) return true;
    const auto left = std::chrono::nanoseconds(std::min(time, limits.until) - now).count();
    const timespec timeout{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    pollfd stop{.fd = limits.stop.fd(), .events = POLLIN, .revents = 0};  // ignored if negative
    ppoll(&stop, 1, &timeout, nullptr);
  }
}

void answer(Fd connection, Service& service, std::span<std::byte> room, const Limits& limits) {
  bool has_begun = false;
  while (!has_begun) {
    try {
      const std::unique_ptr<Session> session = service.open();
      has_begun = true;
      Conversation(*session, room, limits).serve(std::move(connection));
    } catch (const std::bad_alloc&) {
      if (!has_begun && !sleep_until(Clock::now() + accept_pause, limits)) return;
    }
  }
}

void converse(const Endpoint& endpoint, Session& session, std::span<std::byte> room,
              const Limits& limits) {
  Conversation(session, room, limits).drive(endpoint);
}

void play(Job& job, StopToken stop) {
  job.start();
  if (job.wait > Duration::zero() && !sleep_until(job.started + job.wait, {.stop = stop})) return;
  job.perform();
}

}  // namespace contend
