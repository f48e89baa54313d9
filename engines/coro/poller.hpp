// What a loop sleeps on: the one thing in which the poll and the epoll engine differ.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>

#include "workloads/session.hpp"

namespace contend::coro {

/// A descriptor's readiness as the loop knows it, and the coroutine that waits for it to change.
struct Watch {
  enum Event : std::uint8_t {
    readable = 1,
    writable = 2,
    ended = 4,  ///< The peer has closed or the connection broke; reading on will say which.
  };

  int fd = -1;
  std::uint8_t ready = readable | writable;  ///< Tried first: not ready only once a call said so.
  std::uint8_t awaited = 0;                  ///< The events that `waiter` waits for.
  std::uint32_t slot = 0;                    ///< The poller's own.
  std::coroutine_handle<> waiter{};
};

class Poller {
 public:
  struct Ready {
    Watch* watch;  ///< Null when the watch has gone since.
    std::uint8_t events;
  };

  virtual ~Poller() = default;
  /// Throws std::system_error. The watch must not move until `remove`.
  virtual void add(Watch& watch) = 0;
  /// Before the descriptor is closed.
  virtual void remove(Watch& watch) noexcept = 0;
  /// `watch.waiter` waits for `watch.awaited` from now on. A poller that is told of every change
  /// has nothing to do.
  virtual void await(Watch& watch) noexcept = 0;
  /// Waits until something is ready, or for `timeout` (zero: not at all; max: for ever). The answer
  /// is valid until the next call; the caller may null watches in it. Throws std::system_error.
  virtual std::span<Ready> wait(Duration timeout) = 0;
};

using MakePoller = std::unique_ptr<Poller> (*)();

}  // namespace contend::coro
