// The three roles on one small runtime.
#include "engines/coro/roles.hpp"

#include <algorithm>
#include <cerrno>
#include <future>
#include <vector>

#include "engines/coro/converse.hpp"
#include "engines/coro/sleep.hpp"

namespace contend::coro {
namespace {

constexpr unsigned accepts_a_turn = 64;

/// Takes connections as they come. Where there is no descriptor left, or no seat, the listener is
/// left alone: its backlog holds them.
Coroutine<> accept_connections(Loop& loop, const Fd& listener, Service& service,
                               const ServeOptions& options, ServeReport& report) {
  Occupancy house(loop);
  Watch watch{.fd = listener.get()};
  loop.add(watch);
  for (unsigned accepted = 0;;) {
    if (house.taken() >= options.connections_a_worker()) {
      co_await house.room_or(Clock::now() + accept_pause);
      continue;
    }
    Fd fd{accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd) {
      ++report.accepted;
      loop.spawn(answer(loop, std::move(fd), service.open(), Occupancy::Seat(house)));
      if (++accepted % accepts_a_turn == 0) co_await loop.yield();
    } else if (errno == EAGAIN) {
      watch.ready = 0;
      co_await loop.ready(watch, Watch::readable);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      // Other errors than of exhaustion are of the connection that was to be (accept(2), "Error
      // handling"); should it be another, the loop must not spin.
      if (is_exhausted(errno)) ++report.accept_pauses;
      co_await house.room_or(Clock::now() + accept_pause);
    }
  }
}

ServeReport serve_one_loop(std::unique_ptr<Poller> poller, Fd listener, Service& service,
                           const ServeOptions& options, StopToken stop) {
  ServeReport report;
  Loop loop(std::move(poller), options.spin);
  set_nonblocking(listener.get(), true);
  loop.spawn(accept_connections(loop, listener, service, options, report));
  loop.run(stop);
  return report;
}

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
  std::vector<std::future<ServeReport>> others;
  for (unsigned worker = 1; worker < options.workers; ++worker)
    others.push_back(std::async(std::launch::async, serve_one_loop, make_poller(),
                                listen_beside(listener), std::ref(service), options, stop));
  ServeReport report = serve_one_loop(make_poller(), std::move(listener), service, options, stop);
  for (std::future<ServeReport>& other : others) report += other.get();
  return report;
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
