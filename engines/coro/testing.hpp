// For tests of the runtime: what several of them need.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "engines/coro/run.hpp"
#include "engines/net.hpp"

namespace contend::coro {

using namespace std::chrono_literals;

/// A poller over a few descriptors, as plain as it can be: levels, told to whoever awaits them.
class PlainPoller : public Poller {
 public:
  PlainPoller() : Poller(Trigger::level) {}
  void add(Watch& watch) override { watches_.push_back(&watch); }
  void remove(Watch& watch, bool) noexcept override { std::erase(watches_, &watch); }
  std::span<Ready> wait(Duration timeout) override {
    std::vector<pollfd> entries;
    for (const Watch* watch : watches_) {
      short events = 0;
      if ((watch->awaited & Watch::readable) != 0) events |= POLLIN;
      if ((watch->awaited & Watch::writable) != 0) events |= POLLOUT;
      entries.push_back({.fd = watch->fd, .events = events, .revents = 0});
    }
    const int milliseconds =
        timeout == Duration::max()
            ? -1
            : static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(timeout).count());
    poll(entries.data(), entries.size(), milliseconds);
    ready_.clear();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::uint8_t events = 0;
      if ((entries[i].revents & POLLIN) != 0) events |= Watch::readable;
      if ((entries[i].revents & POLLOUT) != 0) events |= Watch::writable;
      if ((entries[i].revents & (POLLHUP | POLLERR)) != 0) events |= Watch::ended;
      if (events != 0) ready_.push_back({watches_[i], events});
    }
    return ready_;
  }

 private:
  std::vector<Watch*> watches_;
  std::vector<Ready> ready_;
};

struct Pair {
  Pair() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
      throw_errno("socketpair");
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  Fd ours, theirs;
};

inline Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

inline std::unique_ptr<Poller> plain() {
  return std::make_unique<PlainPoller>();
}

/// Names the instances of a test for each of the engines' pollers.
inline std::string poller_name(const testing::TestParamInfo<MakePoller>& of) {
  return of.param == make_epoll_poller ? "epoll" : "poll";
}

using Log = std::vector<std::string>;

inline Coroutine<> note(Log& log, std::string what) {
  log.push_back(std::move(what));
  co_return;
}

/// Gives the others so many turns.
inline Coroutine<> turns(int count) {
  for (int turn = 0; turn < count; ++turn) co_await sleep(0s);
}

/// Returns after its time, and says so.
inline Coroutine<std::string> work(Log& log, std::string name, Duration how_long = 0s) {
  log.push_back(name + " begins");
  co_await sleep(how_long);
  log.push_back(name + " ends");
  co_return name;
}

/// Waits to be cancelled, and says so.
inline Coroutine<> endless(Log& log, std::string name) {
  try {
    log.push_back(name + " begins");
    co_await sleep(1h);
  } catch (CancelledError) {
    log.push_back(name + " is cancelled");
    throw;
  }
}

inline Coroutine<> fail_with(std::string message, int after_turns = 0) {
  co_await turns(after_turns);
  throw std::runtime_error(message);
}

/// Awaits it: "cancelled", "timeout", what it threw, or "result".
template <typename T>
Coroutine<std::string> how_ends(Outcome<T> outcome) {
  try {
    co_await outcome;
    co_return "result";
  } catch (CancelledError) {
    co_return "cancelled";
  } catch (const TimeoutError&) {
    co_return "timeout";
  } catch (const std::exception& error) {
    co_return error.what();
  }
}
template <typename T>
Coroutine<std::string> how_ends(Coroutine<T> coroutine) {
  co_return co_await how_ends<T>(create_task(std::move(coroutine)));
}

}  // namespace contend::coro
