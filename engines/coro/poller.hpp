// What a loop sleeps on: the one thing in which the poll and the epoll engine differ.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "workloads/session.hpp"

namespace contend::coro {

class Promise;

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
  Promise* waiter = nullptr;
};

class Poller {
 public:
  struct Ready {
    Watch* watch;  ///< Null when the watch has gone since.
    std::uint8_t events;
  };

  enum class Trigger : bool {
    level,  ///< What is ready while somebody waits: told of each waiter by `await`.
    edge    ///< What became ready, whether or not somebody waits: `await` is never called.
  };
  explicit Poller(Trigger trigger) : trigger_(trigger) {}
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  virtual ~Poller() = default;
  bool is_level_triggered() const { return trigger_ == Trigger::level; }
  /// Throws std::system_error. The watch must not move until `remove`.
  virtual void add(Watch& watch) = 0;
  /// Before the descriptor is closed; where it is not to be, `stays_open`.
  virtual void remove(Watch& watch, bool stays_open) noexcept = 0;
  /// `watch.waiter` waits for `watch.awaited` from now on.
  virtual void await(Watch&) noexcept {}
  /// Waits until something is ready, or for `timeout` (zero: not at all; max: for ever). The answer
  /// is valid until the next call; the caller may null watches in it. Throws std::system_error.
  virtual std::span<Ready> wait(Duration timeout) = 0;

 private:
  Trigger trigger_;
};

using MakePoller = std::unique_ptr<Poller> (*)();

/// The engines' own: engines/epoll.cpp, which a loop takes where nothing else is said, and
/// engines/poll.cpp. Throw std::system_error.
std::unique_ptr<Poller> make_epoll_poller();
std::unique_ptr<Poller> make_poll_poller();

}  // namespace contend::coro
