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
  Conversation(Session& session, std::span<std::byte> buffer, const Limits& limits)
      : session_(session), buffer_(buffer), limits_(limits) {}

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
  bool hold(Step& step);
  bool send(Step& step);
  Step receive();
  bool hear_early(Step& step);
  bool continue_step(Step& step, const Step& answer);
  void linger();
  Step fail(Failure failure) { return end_with(session_.on_failure(failure)); }
  Step end_with(Step answer);
  void limit_reply(const Step& step);
  void wake_by(TimePoint deadline, bool ticked);

  Session& session_;
  std::span<std::byte> buffer_;
  const Limits& limits_;
  const Endpoint* endpoint_ = nullptr;  // null on a server
  Fd fd_;
  Duration receive_timeout_ = stop_tick;    // what SO_RCVTIMEO is set to
  TimePoint silent_at_ = TimePoint::max();  // when the step's reply_within is over
};

void Conversation::play(Step step) {
  while (!limits_.reached()) {
    if (!hold(step)) continue;
    limit_reply(step);
    if (!send(step)) continue;
    switch (step.then) {
      case Step::Then::await_bytes: step = receive(); break;
      case Step::Then::more: step = session_.on_sent(); break;
      case Step::Then::reconnect: step = connect(); break;
      case Step::Then::linger: linger(); return;
      case Step::Then::close: return;
    }
  }
}

void Conversation::limit_reply(const Step& step) {
  const bool is_limited = step.reply_within && step.then == Step::Then::await_bytes;
  silent_at_ = is_limited ? Clock::now() + *step.reply_within : TimePoint::max();
}

/// Waits until `not_before`. Returns false if `step` is another one now, or a limit was reached.
bool Conversation::hold(Step& step) {
  if (!step.not_before) return true;
  if (!step.early_input || !fd_) return sleep_until(*step.not_before, limits_);
  while (Clock::now() < *step.not_before) {
    if (limits_.reached()) return false;
    if (wait_for(fd_.get(), POLLIN, *step.not_before, limits_) != 0 && !hear_early(step))
      return false;
  }
  return true;
}

/// Sends all. Returns false if `step` is another one now, or a limit was reached.
bool Conversation::send(Step& step) {
  // Where nothing else is to be noticed meanwhile, the call itself waits.
  const bool is_watched = step.early_input || silent_at_ != TimePoint::max();
  const int flags = MSG_NOSIGNAL | (is_watched ? MSG_DONTWAIT : 0);
  const auto events = static_cast<short>(POLLOUT | (step.early_input ? POLLIN : 0));
  while (!step.send.empty()) {
    const ssize_t sent = ::send(fd_.get(), step.send.data(), step.send.size(), flags);
    if (sent < 0 && !is_tick(errno)) {
      step = fail(failure_of(errno));
      return false;
    }
    if (sent > 0) step.send = step.send.subspan(static_cast<std::size_t>(sent));
    if (step.send.empty()) break;
    const short ready = is_watched ? wait_for(fd_.get(), events, silent_at_, limits_) : POLLOUT;
    if (limits_.reached()) return false;
    if (step.early_input && (ready & ~POLLOUT) != 0 && !hear_early(step)) return false;
    if (ready == 0 && Clock::now() >= silent_at_ && !continue_step(step, session_.on_timeout()))
      return false;
  }
  return true;
}

/// Receives before the step is done. Returns false if `step` is another one now.
bool Conversation::hear_early(Step& step) {
  const ssize_t received = recv(fd_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (received > 0)
    return continue_step(
        step, session_.on_early_bytes(buffer_.first(static_cast<std::size_t>(received))));
  if (received < 0 && is_tick(errno)) return true;
  step = fail(received == 0 ? Failure{.kind = Failure::Kind::closed} : failure_of(errno));
  return false;
}

/// The session was called before its step was done. Returns false if `step` is another one now.
bool Conversation::continue_step(Step& step, const Step& answer) {
  if (answer.then != Step::Then::await_bytes) {
    step = end_with(answer);
    return false;
  }
  step.reply_within = answer.reply_within;
  limit_reply(step);
  return true;
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

Step Conversation::receive() {
  for (bool ticked = false;; ticked = true) {
    wake_by(std::min(silent_at_, limits_.until), ticked);
    const ssize_t received = recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
    if (received > 0) return session_.on_bytes(buffer_.first(static_cast<std::size_t>(received)));
    if (received == 0) return fail({.kind = Failure::Kind::closed});
    if (!is_tick(errno)) return fail(failure_of(errno));
    if (limits_.reached()) return {.then = Step::Then::close};
    if (silent_at_ != TimePoint::max() && Clock::now() >= silent_at_) return session_.on_timeout();
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
    const ssize_t received = recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
    if (received == 0 || (received < 0 && !is_tick(errno))) return;
    if (received > 0) discarded += static_cast<std::size_t>(received);
  }
}

/// Closes, so that nothing is held while the session backs off, and returns what is next.
Step Conversation::end_with(Step answer) {
  fd_.reset();
  answer.send = {};
  if (answer.then != Step::Then::reconnect || endpoint_ == nullptr) answer.then = Step::Then::close;
  return answer;
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
    if (Clock::now() >= time) return true;
    wait_for(-1, 0, time, limits);
  }
}

short wait_for(int fd, short events, TimePoint until, const Limits& limits) {
  const TimePoint end = std::min(until, limits.until);
  const auto left = std::max(end - Clock::now(), Duration::zero()) / std::chrono::nanoseconds(1);
  const timespec timeout{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
  pollfd both[] = {{.fd = fd, .events = events, .revents = 0},
                   {.fd = limits.stop.fd(), .events = POLLIN, .revents = 0}};
  // Entries with a negative descriptor are ignored.
  return ppoll(both, 2, end == TimePoint::max() ? nullptr : &timeout, nullptr) > 0 ? both[0].revents
                                                                                   : short{0};
}

void answer(Fd connection, Service& service, std::span<std::byte> buffer, const Limits& limits) {
  bool has_begun = false;
  while (!has_begun) {
    try {
      const std::unique_ptr<Session> session = service.open();
      has_begun = true;
      Conversation(*session, buffer, limits).serve(std::move(connection));
    } catch (const std::bad_alloc&) {
      if (!has_begun && !sleep_until(Clock::now() + accept_pause, limits)) return;
    }
  }
}

void converse(const Endpoint& endpoint, Session& session, std::span<std::byte> buffer,
              const Limits& limits) {
  Conversation(session, buffer, limits).drive(endpoint);
}

void play(Job& job, StopToken stop) {
  job.start();
  if (job.wait > Duration::zero() && !sleep_until(job.started + job.wait, {.stop = stop})) return;
  job.perform();
}

}  // namespace contend
