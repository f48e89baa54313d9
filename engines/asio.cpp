// Boost.Asio 1.81: a C++20 coroutine a connection on an io_context a thread, over its epoll
// reactor. Nothing here is locked, since each context belongs to one thread and hears of the stop
// through a descriptor; and no ordinary end of a connection is an exception. Try it:
//   contend-engine serve asio echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include "engines/asio_loop.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/version.hpp>
#include <memory>
#include <new>
#include <tuple>

#include "engines/workers.hpp"

// g++ 12 takes the frames' operator delete for a mismatch once their operator new is inlined.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace contend {
namespace {

using namespace asio_loop;

// Awaited directly, an operation needs no coroutine frame of its own, unlike with use_awaitable;
// as a tuple, its error code is a value and never an exception.
constexpr auto as_values = asio::as_tuple(asio::deferred);

constexpr std::size_t receive_bytes = 4096;  ///< Held by every connection.
constexpr unsigned accept_burst = 64;        ///< Connections accepted before others have a turn.

/// Runs when the coroutine that holds it ends, or is destroyed where it waits.
template <typename Function>
struct Tidy {
  Function function;
  explicit Tidy(Function f) : function(std::move(f)) {}
  Tidy(const Tidy&) = delete;
  Tidy& operator=(const Tidy&) = delete;
  ~Tidy() { function(); }
};

Failure failure_from(const boost::system::error_code& error) {
  if (error == asio::error::eof) return {.kind = Failure::Kind::closed};
  return failure_of(error.value());
}

Step after_failure(Session& session, Failure failure) {
  const Step said = session.on_failure(failure);
  const bool again = said.then == Step::Then::reconnect;
  return {.not_before = said.not_before, .then = again ? Step::Then::reconnect : Step::Then::close};
}

Task<> sleep_until(Loop& loop, TimePoint when) {
  Timer timer(loop.executor(), when);
  co_await timer.async_wait(as_values);
}

/// Half-closes and discards, so that what was sent is not lost to the reset that unread input
/// causes.
Task<> linger(Loop::Wait& wait, Socket& socket, std::span<std::byte> buffer) {
  boost::system::error_code error;
  socket.shutdown(Socket::shutdown_send, error);
  wait.until(Clock::now() + linger_limit);
  std::size_t discarded = 0;
  while (!error && !wait.ran_out() && discarded < linger_limit_bytes) {
    std::size_t count = 0;
    std::tie(error, count) =
        co_await socket.async_receive(asio::buffer(buffer.data(), buffer.size()), as_values);
    discarded += count;
  }
}

/// One connection and the step that is being carried out.
struct Talk {
  Talk(Loop& l, Socket& its_socket, Session& its_session)
      : loop(l), socket(its_socket), session(its_session) {}

  Loop& loop;
  Socket& socket;
  Session& session;
  Loop::Wait wait{loop, socket};
  Step step;
  std::array<std::byte, receive_bytes> buffer;  // not filled for nothing

  auto send(auto token) {
    return socket.async_send(asio::buffer(step.send.data(), step.send.size()), token);
  }
  auto receive(auto token) { return socket.async_receive(asio::buffer(buffer), token); }
  Bytes received(std::size_t count) const { return {buffer.data(), count}; }

  bool is_reply_limited() const {
    return step.reply_within && step.then == Step::Then::await_bytes;
  }
  void limit_reply() {
    if (is_reply_limited())
      wait.until(Clock::now() + *step.reply_within);
    else
      wait.over();
  }
  bool is_silent() const { return is_reply_limited() && wait.ran_out(); }

  void fail(const boost::system::error_code& error) {
    step = after_failure(session, failure_from(error));
  }
  /// The session was called before its step was done. Returns whether the step goes on.
  bool continue_step(const Step& answer) {
    const bool does = answer.then == Step::Then::await_bytes;
    if (does)
      step.reply_within = answer.reply_within;
    else
      step = {.not_before = answer.not_before, .then = answer.then};
    limit_reply();
    return does;
  }
};

/// Waits until `not_before`. Returns whether the step goes on; if not, it is another one.
Task<bool> hold(Talk& talk) {
  const TimePoint until = *talk.step.not_before;
  if (!talk.step.early_input) co_await sleep_until(talk.loop, until);
  while (Clock::now() < until) {
    talk.wait.until(until);
    const auto [error, count] = co_await talk.receive(as_values);
    if (error && talk.wait.ran_out()) break;
    if (error) {
      talk.fail(error);
      co_return false;
    }
    if (!talk.continue_step(talk.session.on_early_bytes(talk.received(count)))) co_return false;
  }
  co_return true;
}

/// Sends what the socket did not take at once, and receives meanwhile if the step takes early
/// input. Returns whether the step goes on; if not, it is another one.
Task<bool> send_rest(Talk& talk) {
  using asio::error::operation_aborted;
  while (!talk.step.send.empty()) {
    if (talk.is_silent() && !talk.continue_step(talk.session.on_timeout())) co_return false;
    boost::system::error_code error, receive_error = operation_aborted;
    std::size_t sent = 0, received = 0;
    if (talk.step.early_input)  // the second is cancelled, but may have completed all the same
      std::tie(std::ignore, error, sent, receive_error, received) =
          co_await asio::experimental::make_parallel_group(talk.send(asio::deferred),
                                                           talk.receive(asio::deferred))
              .async_wait(asio::experimental::wait_for_one(), asio::deferred);
    else
      std::tie(error, sent) = co_await talk.send(as_values);
    talk.step.send = talk.step.send.subspan(sent);
    if (!receive_error) {
      if (!talk.continue_step(talk.session.on_early_bytes(talk.received(received))))
        co_return false;
      continue;
    }
    const auto& failed = receive_error != operation_aborted ? receive_error : error;
    if (failed && failed != operation_aborted) {
      talk.fail(failed);
      co_return false;
    }
  }
  co_return true;
}

/// The conversation of one connection, either side of it: open, send, receive, repeat. Returns
/// `close` or `reconnect`; the caller closes the socket.
Task<Step::Then> converse(Loop& loop, Socket& socket, Session& session) {
  Talk talk(loop, socket, session);
  Step& step = talk.step;
  step = session.on_open();
  for (;;) {
    if (step.not_before && Clock::now() < *step.not_before && !co_await hold(talk)) continue;
    talk.limit_reply();

    // Sending suspends even where the socket takes everything at once: the others have their turn,
    // and the peer time to answer, so that the receive below mostly finds something.
    if (!step.send.empty()) {
      const auto [error, sent] = co_await talk.send(as_values);
      step.send = step.send.subspan(sent);
      if (error && !talk.is_silent()) {
        talk.fail(error);
        continue;
      }
      if (!step.send.empty() && !co_await send_rest(talk)) continue;
    }

    switch (step.then) {
      case Step::Then::await_bytes: break;
      case Step::Then::more: step = session.on_sent(); continue;
      case Step::Then::linger:
        co_await linger(talk.wait, socket, talk.buffer);
        co_return Step::Then::close;
      case Step::Then::close:
      case Step::Then::reconnect: co_return step.then;
    }

    const auto [ended, count] = co_await talk.receive(as_values);
    if (!ended)
      renew(step, [&, size = count] { return session.on_bytes(talk.received(size)); });
    else if (talk.is_silent())
      step = session.on_timeout();
    else
      talk.fail(ended);
  }
}

asio::generic::stream_protocol protocol_of(int family) {
  return {family, 0};
}

/// A listener and the connections that it accepted, on one loop.
class Server {
 public:
  /// Throws where there are no descriptors left.
  Server(Fd listener, Service& service, const ServeOptions& options, const StopToken& stop)
      : service_(service),
        max_connections_(options.connections_a_worker()),
        spin_(options.spin),
        loop_(stop) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
    family_ = address.ss_family;
    set_nonblocking(listener.get(), true);
    listener_.assign(listener.get());
    listener.release();
    loop_.spawn(accept());
  }

  ServeReport serve() {
    const Tidy tidy{[this] { reserve_.reset(); }};
    loop_.run(spin_);
    return report_;
  }

 private:
  Task<> accept();
  bool seat(Fd accepted);
  Task<> wait_for_room(TimePoint until);
  Task<> attend(Fd accepted);

  Service& service_;
  unsigned max_connections_;
  Duration spin_;
  int family_ = AF_UNSPEC;
  ServeReport report_{.detail = "epoll reactor of Boost.Asio " BOOST_LIB_VERSION};
  unsigned live_ = 0;
  Timer* room_ = nullptr;  // while accepting pauses: cancelled when a connection ends
  /// For the end: destroying a loop takes memory for each coroutine that waits (Boost.Asio posts
  /// its destruction), and there may be none left. Nothing touches it, so it is only reserved.
  std::unique_ptr<std::byte[]> reserve_ = std::make_unique_for_overwrite<std::byte[]>(4 << 20);
  Loop loop_;
  Descriptor listener_{loop_.executor()};
};

Task<> Server::accept() {
  for (unsigned in_a_row = 0;;) {
    if (live_ >= max_connections_) {
      co_await wait_for_room(TimePoint::max());
      continue;
    }
    // With accept4 the socket is non-blocking and CLOEXEC at once, and errno says what is lacking.
    Fd accepted{accept4(listener_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    const bool is_seated = accepted && seat(std::move(accepted));
    if (is_seated) {
      if (++in_a_row % accept_burst == 0) co_await asio::post(loop_.executor(), as_values);
    } else if (errno == EAGAIN) {
      co_await listener_.async_wait(Descriptor::wait_read, as_values);
    } else if (is_exhausted(errno)) {
      ++report_.accept_pauses;
      co_await wait_for_room(Clock::now() + accept_pause);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // accept(2): errors of the connection that was to be. Not to spin, should it be another.
      co_await wait_for_room(Clock::now() + accept_pause);
    }
  }
}

/// Returns false, with ENOMEM, if there is no memory for one more connection, which is closed then.
bool Server::seat(Fd accepted) {
  ++report_.accepted;
  ++live_;
  try {
    loop_.spawn(attend(std::move(accepted)));
    return true;
  } catch (const std::bad_alloc&) {
    --live_;
    errno = ENOMEM;
    return false;
  }
}

Task<> Server::wait_for_room(TimePoint until) {
  Timer timer(loop_.executor(), until);
  const Tidy tidy{[this] { room_ = nullptr; }};
  room_ = &timer;
  co_await timer.async_wait(as_values);
}

Task<> Server::attend(Fd accepted) {
  const Tidy tidy{[this] {
    --live_;
    if (room_ != nullptr) room_->cancel();
  }};
  Socket socket(loop_.executor());
  boost::system::error_code error;
  socket.assign(protocol_of(family_), accepted.get(), error);
  if (error) co_return;  // epoll's own limits; Fd closes it
  accepted.release();
  try {
    const std::unique_ptr<Session> session = service_.open();
    co_await converse(loop_, socket, *session);
  } catch (const std::bad_alloc&) {  // that is this connection's end, not the server's
  }
}

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
  return serve_with_workers(std::move(listener), options, stop,
                            [&](Fd own) { return Server(std::move(own), service, options, stop); });
}

/// Plays sessions in as many lanes as may be connected at once, each lane one after another.
class Driver {
 public:
  Driver(const Endpoint& endpoint, std::span<Session* const> sessions, const DriveOptions& options)
      : peer_(endpoint.get(), endpoint.length),
        endpoint_(endpoint),
        sessions_(sessions),
        connect_within_(options.connect_within),
        lanes_(std::min<std::size_t>(options.max_parallel, sessions.size())),
        loop_(options.stop) {
    if (options.until != TimePoint::max()) loop_.stop_at(options.until);
    for (std::size_t i = 0; i < lanes_; ++i) loop_.spawn(lane());
  }

  void run(Duration spin) {
    if (lanes_ > 0) loop_.run(spin);
  }

 private:
  Task<> lane();
  Task<Step::Then> connect_and_converse(Session& session);

  asio::generic::stream_protocol::endpoint peer_;
  const Endpoint& endpoint_;
  std::span<Session* const> sessions_;
  Duration connect_within_;
  std::size_t next_ = 0, lanes_;
  Loop loop_;
};

Task<> Driver::lane() {
  while (next_ < sessions_.size()) {
    Session& session = *sessions_[next_++];
    while (co_await connect_and_converse(session) == Step::Then::reconnect) continue;
  }
  if (--lanes_ == 0) loop_.stop();
}

Task<Step::Then> Driver::connect_and_converse(Session& session) {
  Socket socket(loop_.executor());
  boost::system::error_code error;
  Fd fd = client_socket(endpoint_, SOCK_NONBLOCK);
  if (!fd) error.assign(errno, boost::system::system_category());
  if (fd) socket.assign(protocol_of(endpoint_.family()), fd.get(), error);
  if (!error) {
    fd.release();
    Loop::Wait wait(loop_, socket);
    if (connect_within_ != Duration::max()) wait.until(Clock::now() + connect_within_);
    std::tie(error) = co_await socket.async_connect(peer_, as_values);
    wait.over();
    if (wait.ran_out()) error = asio::error::timed_out;
    if (!error) co_return co_await converse(loop_, socket, session);
  }
  boost::system::error_code ignored;  // closing would overwrite the reason with its own success
  socket.close(ignored);
  const Step said =
      after_failure(session, {.kind = Failure::Kind::refused, .error_number = error.value()});
  // Without a time to wait for, the others still have their turn.
  co_await sleep_until(loop_, said.not_before.value_or(TimePoint::min()));
  co_return said.then;
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  Driver(endpoint, sessions, options).run(options.spin);
}

void run(std::span<Job> jobs, const RunOptions& options) {
  std::size_t left = jobs.size();
  if (left == 0) return;
  Loop loop(options.stop);
  const auto perform = [&](Job& job) -> Task<> {
    if (options.stop.requested()) co_return;
    job.start();
    if (job.wait > Duration::zero()) co_await sleep_until(loop, job.started + job.wait);
    job.perform();
    if (--left == 0) loop.stop();
  };
  for (Job& job : jobs) loop.spawn(perform(job));
  loop.run(Duration::zero());
}

}  // namespace

extern const Engine asio_engine{
    .name = "asio",
    .summary = "Boost.Asio: a coroutine a connection over its epoll reactor",
    .scales = true,
    .spins = true,
    .serve = serve,
    .drive = drive,
    .run = run};

}  // namespace contend
