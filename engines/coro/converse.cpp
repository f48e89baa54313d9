// The conversation: hold, send, receive, and hand what came to the session.
#include "engines/coro/converse.hpp"

#include <cerrno>
#include <optional>
#include <system_error>
#include <vector>

#include "engines/coro/socket.hpp"

namespace contend::coro {
namespace {

/// So many steps without waiting for anything, then the others have their turn.
constexpr unsigned steps_a_turn = 32;

/// The session's answer ends the connection: what was to be sent is dropped.
void end_with(std::optional<Socket>& socket, Step& step, const Step& answer) {
  step = answer;
  step.send = {};
  socket.reset();
}

/// The conversation failed: there is no connection any more, and the session says what next.
void fail(Session& session, std::optional<Socket>& socket, Step& step, Failure failure) {
  end_with(socket, step, session.on_failure(failure));
}

/// What failed, or that the peer has closed, by what Socket::receive returned.
Failure failure_from(ssize_t got) {
  return got == 0 ? Failure{Failure::Kind::closed, 0} : failure_of(static_cast<int>(-got));
}

/// The session was called before its step was done. Returns whether the step goes on.
bool continue_step(std::optional<Socket>& socket, Step& step, const Step& answer) {
  const bool does = answer.then == Step::Then::await_bytes;
  if (does)
    step.reply_within = answer.reply_within;
  else
    end_with(socket, step, answer);
  return does;
}

/// Receives before the step is done, if there is something. Returns whether the step goes on.
bool hear_early(Loop& loop, Session& session, std::optional<Socket>& socket, Step& step) {
  const ssize_t got = socket->receive(loop.scratch());
  if (got == -EAGAIN) return true;
  if (got > 0) {
    const Bytes bytes = loop.scratch().first(static_cast<std::size_t>(got));
    return continue_step(socket, step, session.on_early_bytes(bytes));
  }
  fail(session, socket, step, failure_from(got));
  return false;
}

/// Waits until `not_before`. Returns whether the step goes on.
Coroutine<bool> hold(Loop& loop, Session& session, std::optional<Socket>& socket, Step& step) {
  if (!step.early_input || !socket) {
    co_await Sleep(loop, *step.not_before);
    co_return true;
  }
  for (;;) {
    const std::optional<Duration> left = *step.not_before - loop.now();
    if (*left <= Duration::zero() || !co_await socket->ready(Socket::can_read, left))
      co_return true;
    if (!hear_early(loop, session, socket, step)) co_return false;
  }
}

/// Sends what the kernel did not take at once, which began now. Returns whether the step goes on.
Coroutine<bool> send_rest(Loop& loop, Session& session, std::optional<Socket>& socket, Step& step) {
  const auto events =
      static_cast<std::uint8_t>(Watch::writable | (step.early_input ? Socket::can_read : 0));
  const auto deadline = [&]() -> std::optional<TimePoint> {
    if (!step.reply_within || step.then != Step::Then::await_bytes) return {};
    return loop.now() + *step.reply_within;
  };
  std::optional<TimePoint> silent_at = deadline();
  while (!step.send.empty()) {
    std::optional<Duration> left;
    if (silent_at) left = *silent_at - loop.now();
    const bool is_ready = co_await socket->ready(events, left);
    if (!is_ready && !continue_step(socket, step, session.on_timeout())) co_return false;
    const bool is_early = is_ready && step.early_input && socket->is_readable();
    if (is_early && !hear_early(loop, session, socket, step)) co_return false;
    if (!is_ready || is_early) silent_at = deadline();
    if (socket->is_writable()) step.send = socket->send(step.send);
  }
  if (silent_at) step.reply_within = *silent_at - loop.now();
  co_return true;
}

/// Carries out what a step can't do at once: holding it until `not_before`, and sending what the
/// kernel did not take. Apart from `converse`, because a frame of its own is needed only meanwhile.
/// Returns whether the step goes on; if not, `step` is another one.
Coroutine<bool> deliver(Loop& loop, Session& session, std::optional<Socket>& socket, Step& step) {
  // It may lie in the loop's scratch memory, which others use as soon as this suspends.
  std::vector<std::byte> kept;
  if (!step.early_input) {
    kept.assign(step.send.begin(), step.send.end());
    step.send = kept;
  }
  if (step.not_before) {
    if (!co_await hold(loop, session, socket, step)) co_return false;
    if (!step.send.empty()) step.send = socket->send(step.send);
  }
  co_return step.send.empty() || co_await send_rest(loop, session, socket, step);
}

/// Breaks an attempt to connect off when its time is over: a socket that is shut down while it
/// connects is reported as hung up, and so as writable.
struct ConnectTimeout : Timer {
  explicit ConnectTimeout(int fd_)
      : Timer([](Timer& timer) {
          auto& self = static_cast<ConnectTimeout&>(timer);
          self.is_over = true;
          shutdown(self.fd, SHUT_RDWR);
        }),
        fd(fd_) {}
  int fd;
  bool is_over = false;
};

Coroutine<> connect(Loop& loop, const Peer& peer, std::optional<Socket>& socket, int& error) {
  const Endpoint& endpoint = peer.endpoint;
  Fd fd = client_socket(endpoint, SOCK_NONBLOCK);
  if (!fd || (::connect(fd.get(), endpoint.get(), endpoint.length) != 0 && errno != EINPROGRESS)) {
    error = errno;
    co_return;
  }
  // Registered only now: an unconnected socket would be reported as hung up at once.
  socket.emplace(loop, std::move(fd), Socket::Origin::connecting);
  ConnectTimeout timeout(socket->fd());
  if (peer.connect_within != Duration::max())
    loop.timers().arm(timeout, Clock::now() + peer.connect_within);
  co_await socket->writable();
  socklen_t size = sizeof error;
  getsockopt(socket->fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (timeout.is_over) error = ETIMEDOUT;
  if (error != 0) socket.reset();
}

/// Half-closes and discards, so that the last answer is not destroyed by the reset that the kernel
/// sends when a socket with unread input is closed (RFC 9112, section 9.6).
Coroutine<> linger(Loop& loop, Socket& socket) {
  shutdown(socket.fd(), SHUT_WR);
  const TimePoint until = Clock::now() + linger_limit;
  std::size_t discarded = 0;
  while (discarded < linger_limit_bytes) {
    const ssize_t got = socket.receive(loop.scratch());
    if (got > 0)
      discarded += static_cast<std::size_t>(got);
    else if (got != -EAGAIN || !co_await socket.readable(until - Clock::now()))
      break;
  }
}

/// Whether sending at once and receiving is all that there is to do.
bool is_plain(const std::optional<Socket>& socket, const Step& step) {
  return !step.not_before && step.send.empty() && socket && socket->error() == 0 &&
         (step.then == Step::Then::await_bytes || step.then == Step::Then::more);
}

enum class Next : std::uint8_t { same_step, new_step, over };

/// All else: holding a step and finishing it, failing, connecting, lingering, and the others' turn.
/// Apart from `converse`, so that the frame that a connection keeps has no place for any of it, and
/// what a message touches lies close together.
Coroutine<> do_the_rest(Loop& loop, Session& session, const Peer* peer,
                        std::optional<Socket>& socket, Step& step, Next& next) {
  next = Next::new_step;
  if ((step.not_before || !step.send.empty()) && !co_await deliver(loop, session, socket, step))
    co_return;
  step.send = {};
  step.not_before.reset();
  if (socket && socket->error() != 0) {
    fail(session, socket, step, failure_of(socket->error()));
  } else if (step.then == Step::Then::reconnect && peer != nullptr) {
    int error = 0;
    socket.reset();
    co_await connect(loop, *peer, socket, error);
    if (socket)
      step = session.on_open();
    else
      fail(session, socket, step, refused(error));
  } else if (is_plain(socket, step)) {
    co_await loop.yield();
    next = Next::same_step;
  } else {
    if (step.then == Step::Then::linger && socket) co_await linger(loop, *socket);
    next = Next::over;
  }
}

/// Receives once and lets the session answer. Where there is nothing to receive, all stays as it
/// is.
void hear(Loop& loop, Session& session, std::optional<Socket>& socket, Step& step) {
  const ssize_t got = socket->receive(loop.scratch());
  if (got > 0) {
    const Bytes bytes = loop.scratch().first(static_cast<std::size_t>(got));
    renew(step, [&] { return session.on_bytes(bytes); });
  } else if (got != -EAGAIN) {
    fail(session, socket, step, failure_from(got));
  }
}

/// Both sides in one coroutine, so that a connection costs one frame. The server's side comes with
/// `accepted`, `owned` and `slot`, the client's with a `peer`.
Coroutine<> converse(Loop& loop, Session& session, const Peer* peer, Fd accepted,
                     [[maybe_unused]] std::unique_ptr<Session> owned,
                     [[maybe_unused]] ConnectionSlots::Slot slot) {
  std::optional<Socket> socket;
  if (accepted) {
    try {
      socket.emplace(loop, std::move(accepted), Socket::Origin::accepted);
    } catch (const std::system_error&) {
      co_return;  // the poller's own limits: that is this connection's end, not the server's
    }
  }
  Step step = socket ? session.on_open() : Step{.then = Step::Then::reconnect};
  for (unsigned steps = 0;;) {
    if (!step.not_before && !step.send.empty()) step.send = socket->send(step.send);
    if (!is_plain(socket, step) || ++steps == steps_a_turn) {
      Next next;
      steps = 0;
      co_await do_the_rest(loop, session, peer, socket, step, next);
      if (next == Next::over) co_return;
      if (next == Next::new_step) continue;
    }
    if (step.then == Step::Then::more) {
      renew(step, [&] { return session.on_sent(); });
      continue;
    }
    if (!socket->is_readable()) {
      steps = 0;
      if (!co_await socket->readable(step.reply_within)) {
        step = session.on_timeout();
        continue;
      }
    }
    hear(loop, session, socket, step);
  }
}

}  // namespace

Coroutine<> answer(Loop& loop, Fd accepted, std::unique_ptr<Session> session,
                   ConnectionSlots::Slot slot) {
  Session& borrowed = *session;
  return converse(loop, borrowed, nullptr, std::move(accepted), std::move(session),
                  std::move(slot));
}

Coroutine<> ask(Loop& loop, const Peer& peer, Session& session) {
  return converse(loop, session, &peer, {}, nullptr, {});
}

}  // namespace contend::coro
