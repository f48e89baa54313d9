// Several loops that serve one address, each on a thread of its own: all of them serve, or none.
//   return serve_with_workers(std::move(listener), options, stop,
//                             [&](Fd own) { return Server(std::move(own), service); });
#pragma once

#include <atomic>
#include <exception>
#include <latch>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engines/engine.hpp"

namespace contend {

/// Starts a thread that calls `work`. Throws std::runtime_error that says what the thread is for,
/// and which limits to raise, if the system has none to give.
template <typename Work>
std::jthread start_thread(const std::string& purpose, Work work) {
  try {
    return std::jthread(std::move(work));
  } catch (const std::system_error& error) {
    throw std::runtime_error(
        fmt::format("no thread for {}: {}; ask for fewer, or raise ulimit -u (threads) or "
                    "ulimit -v (memory)",
                    purpose, error.code().message()));
  }
}

/// Calls `make` with a listener of its own on each of `options.workers` threads, of which the
/// calling thread is the first. When each has its server, they call `serve` of it. Returns the sum
/// of the reports. If a thread or a server can't be set up, or a server fails, the others end, too,
/// by `stop`, and the first failure is thrown.
template <typename Make>
ServeReport serve_with_workers(Fd listener, const ServeOptions& options, StopToken stop,
                               const Make& make) {
  const unsigned workers = options.workers;
  std::vector<Fd> listeners;
  for (unsigned worker = 1; worker < workers; ++worker)
    listeners.push_back(listen_beside(listener));
  listeners.push_back(std::move(listener));

  std::vector<ServeReport> reports(workers);
  std::vector<std::exception_ptr> failures(workers);
  std::atomic<bool> failed = false;
  std::latch set_up(workers);
  const auto fail = [&](unsigned worker) {
    failures[worker] = std::current_exception();
    failed = true;
    stop.request();
  };
  const auto work = [&](unsigned worker) {
    bool has_arrived = false;
    try {
      auto server = make(std::move(listeners[worker]));
      has_arrived = true;
      set_up.arrive_and_wait();
      if (!failed) reports[worker] = server.serve();
    } catch (...) {
      fail(worker);
      if (!has_arrived) set_up.count_down();
    }
  };
  {
    std::vector<std::jthread> others;
    others.reserve(workers);
    unsigned next = 1;
    try {
      for (; next < workers; ++next)
        others.push_back(start_thread(fmt::format("worker {} of {}", next + 1, workers),
                                      [&work, next] { work(next); }));
    } catch (...) {
      fail(next);
      set_up.count_down(workers - next);
    }
    work(0);
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  ServeReport total = std::move(reports.front());
  for (unsigned worker = 1; worker < workers; ++worker) total += reports[worker];
  return total;
}

}  // namespace contend
