// The three roles on one small runtime.
#include "engines/coro/roles.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

#include "engines/coro/converse.hpp"
#include "engines/coro/sleep.hpp"
#include "engines/workers.hpp"

namespace contend::coro {
namespace {

constexpr unsigned accepts_a_turn = 64;

/// Returns false if there is no memory for one more connection, which is closed then.
bool slot(Loop& loop, Fd connection, Service& service, ConnectionSlots& slots) {
  try {
    loop.spawn(answer(loop, std::move(connection), service.open(), ConnectionSlots::Slot(slots)));
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

/// Takes connections as they come. Where there is no descriptor left, no memory or no slot, the
/// listener is left alone: its backlog holds them.
Coroutine<> accept_connections(Loop& loop, const Fd& listener, Service& service,
                               ConnectionSlots& slots, const ServeOptions& options,
                               ServeReport& report) {
  Watch watch{.fd = listener.get()};
  loop.add(watch);
  for (unsigned accepted = 0;;) {
    if (slots.taken() >= options.connections_a_worker()) {
      co_await slots.room_or(Clock::now() + accept_pause);
      continue;
    }
    Fd fd{accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd) {
      ++report.accepted;
      if (!slot(loop, std::move(fd), service, slots)) {
        ++report.accept_pauses;
        co_await slots.room_or(Clock::now() + accept_pause);
      } else if (++accepted % accepts_a_turn == 0) {
        co_await loop.yield();
      }
    } else if (errno == EAGAIN) {
      watch.ready = 0;
      co_await loop.ready(watch, Watch::readable);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // Other errors than of exhaustion are of the connection that was to be (accept(2), "Error
      // handling"); should it be another, the loop must not spin.
      if (is_exhausted(errno)) ++report.accept_pauses;
      co_await slots.room_or(Clock::now() + accept_pause);
    }
  }
}

/// One loop's share: a listener and the connections that come by it.
class Server {
 public:
  Server(std::unique_ptr<Poller> poller, Fd listener, Service& service, const ServeOptions& options,
         StopToken stop)
      : listener_(std::move(listener)), stop_(stop), loop_(std::move(poller), options.spin) {
    set_nonblocking(listener_.get(), true);
    loop_.spawn(accept_connections(loop_, listener_, service, slots_, options, report_));
  }

  ServeReport serve() {
    loop_.run(stop_);
    return report_;
  }

 private:
  Fd listener_;
  StopToken stop_;
  ServeReport report_;
  ConnectionSlots slots_{loop_};  // outlives the connections, which the loop destroys
  Loop loop_;
};

Coroutine<> play_sessions(Loop& loop, const Peer& peer, std::span<Session* const> sessions,
                          std::size_t& next) {
  while (next < sessions.size()) co_await ask(loop, peer, *sessions[next++]);
}

Coroutine<> do_job(Loop& loop, Job& job) {
  job.start();
  if (job.wait > Duration::zero()) co_await Sleep(loop, job.started + job.wait);
  job.perform();
}

}  // namespace

ServeReport serve(MakePoller make_poller, Fd listener, Service& service,
                  const ServeOptions& options, StopToken stop) {
  return serve_with_workers(std::move(listener), options, stop, [&](Fd own) {
    return Server(make_poller(), std::move(own), service, options, stop);
  });
}

void drive(MakePoller make_poller, const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  std::size_t next = 0;
  const Peer peer{.endpoint = endpoint, .connect_within = options.connect_within};
  Loop loop(make_poller(), options.spin);
  const std::size_t parallel = std::min<std::size_t>(sessions.size(), options.max_parallel);
  for (std::size_t player = 0; player < parallel; ++player)
    loop.spawn(play_sessions(loop, peer, sessions, next));
  loop.run(options.stop, options.until);
}

void run(MakePoller make_poller, std::span<Job> jobs, const RunOptions& options) {
  Loop loop(make_poller());
  for (Job& job : jobs) {
    if (options.stop.requested()) break;
    loop.spawn(do_job(loop, job));
  }
  loop.run(options.stop);
}

}  // namespace contend::coro
