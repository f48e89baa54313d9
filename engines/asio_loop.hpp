// The loop under the asio engine: an io_context of one thread, how it ends, and one timer for the
// patience of all its connections. Only asio.cpp includes it, and so only that compiles Boost.Asio.
#pragma once

#include <fcntl.h>

// No operation is handed from thread to thread, so none needs a fence (g++ warns of these where the
// thread sanitizer is on, which can't see them).
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include "engines/engine.hpp"
#include "engines/net.hpp"

namespace contend::asio_loop {

namespace asio = boost::asio;

// Naming the executor's type, instead of the type-erased default, halves what Asio itself costs.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
template <typename Result = void>
using Task = asio::awaitable<Result, Executor>;

/// An io_context of one thread, and what its connections have in common. Members' order matters:
/// destroying the context destroys the coroutines that still wait in it, and these look at what is
/// declared before it.
class Loop {
 public:
  class Wait;
  using Waits = std::multimap<TimePoint, Wait*>;

  /// Throws boost::system::system_error where there are no descriptors left.
  explicit Loop(const StopToken& stop) { watch(stop); }

  Executor executor() { return context_.get_executor(); }
  /// Runs until `stop`; once.
  void run(Duration spin);
  void stop() { context_.stop(); }
  /// Spawned at the next turn. An exception (out of memory) comes out of `run`.
  void spawn(Task<> task) {
    asio::co_spawn(context_, std::move(task), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
  void stop_at(TimePoint when) {
    until_.expires_at(when);
    until_.async_wait([this](const boost::system::error_code& error) {
      if (!error) stop();
    });
  }

 private:
  void watch(const StopToken& stop);
  void arm_next_look();
  void look_at_due();

  Waits waits_;
  TimePoint next_look_at_ = TimePoint::max();
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};  // no locks: one thread
  Descriptor stop_{context_};
  Timer until_{context_}, next_look_{context_};
};

/// The patience of one conversation: a receive that waits too long is cancelled. Each is looked at
/// when the deadline comes that it had at the last look, all by one timer, so that a request moves
/// a time point and never a timer.
class Loop::Wait {
 public:
  Wait(Loop& loop, Socket& socket) : loop_(loop), socket_(socket) {}
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() { leave(); }

  /// What the socket waits for at `deadline` is cancelled, and from then on `ran_out`.
  void until(TimePoint deadline) {
    deadline_ = deadline;
    ran_out_ = false;
    if (place_ && (*place_)->first <= deadline) return;
    leave();
    enter();
  }
  /// It waits for nothing any more.
  void over() { deadline_ = TimePoint::max(); }
  bool ran_out() const { return ran_out_; }

 private:
  friend Loop;

  void enter() {
    place_ = loop_.waits_.emplace(deadline_, this);
    if (deadline_ < loop_.next_look_at_) loop_.arm_next_look();
  }
  void leave() {
    if (place_) loop_.waits_.erase(*place_);
    place_.reset();
  }

  Loop& loop_;
  Socket& socket_;
  TimePoint deadline_ = TimePoint::max();  // that of now, not before that of the place
  std::optional<Waits::iterator> place_;
  bool ran_out_ = false;
};

inline void Loop::run(Duration spin) {
  if (spin == Duration::zero()) {
    context_.run();
    return;
  }
  while (!context_.stopped()) {
    TimePoint sleep_at = Clock::now() + spin;
    while (Clock::now() < sleep_at && !context_.stopped())
      if (context_.poll() > 0) sleep_at = Clock::now() + spin;
    context_.run_one();
  }
}

inline void Loop::watch(const StopToken& stop) {
  if (stop.fd() < 0) return;
  // The context wants a descriptor of its own, which it may register and close.
  Fd own{fcntl(stop.fd(), F_DUPFD_CLOEXEC, 0)};
  if (!own) throw_errno("dup of the stop descriptor");
  stop_.assign(own.get());
  own.release();
  stop_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) this->stop();
  });
}

inline void Loop::arm_next_look() {
  next_look_at_ = waits_.begin()->first;
  next_look_.expires_at(next_look_at_);
  next_look_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look_at_due();
  });
}

inline void Loop::look_at_due() {
  const TimePoint now = Clock::now();
  while (!waits_.empty() && waits_.begin()->first <= now) {
    Wait& wait = *waits_.begin()->second;
    wait.leave();
    if (wait.deadline_ == TimePoint::max()) continue;
    if (wait.deadline_ <= now) {
      wait.ran_out_ = true;
      boost::system::error_code ignored;
      wait.socket_.cancel(ignored);
    } else {
      wait.place_ = waits_.emplace(wait.deadline_, &wait);
    }
  }
  next_look_at_ = TimePoint::max();
  if (!waits_.empty()) arm_next_look();
}

}  // namespace contend::asio_loop
