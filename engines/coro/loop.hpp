// One thread's loop: it runs coroutines that wait for descriptors and points in time.
// Not thread-safe: a loop and all that runs on it belong to the thread that calls `run`.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engines/coro/poller.hpp"
#include "engines/coro/task.hpp"
#include "engines/coro/timers.hpp"
#include "engines/stop.hpp"

namespace contend::coro {

class Loop final : private TaskOwner {
 public:
  /// `spin`: how long to poll without sleeping after the last event.
  explicit Loop(std::unique_ptr<Poller> poller, Duration spin = {});
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// Destroys the tasks that have not ended.
  ~Loop();

  /// Starts a task at once, up to its first suspension; the loop owns it from here on.
  void spawn(Task task);
  /// Runs until every task has ended, or `stop`, or `until`. Throws what a spawned task threw.
  void run(StopToken stop = {}, TimePoint until = TimePoint::max());

  /// The time of this turn of the loop: read once a turn, and only where somebody asks.
  TimePoint now() {
    if (!now_) now_ = Clock::now();
    return *now_;
  }

  /// Awaitable: the others' turn first.
  auto yield() {
    struct Awaiter {
      Loop& loop;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiter) { loop.resumable_.push_back(waiter); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

  /// Awaitable: one of `events` on `watch`. One coroutine a watch at a time.
  auto ready(Watch& watch, std::uint8_t events) {
    struct Awaiter {
      Loop& loop;
      Watch& watch;
      std::uint8_t events;
      bool await_ready() const noexcept { return (watch.ready & events) != 0; }
      void await_suspend(std::coroutine_handle<> waiter) noexcept {
        watch.waiter = waiter;
        watch.awaited = events;
        if (loop.poller_->tells_levels()) loop.poller_->await(watch);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this, watch, events};
  }

  Timers& timers() { return timers_; }
  void add(Watch& watch) { poller_->add(watch); }
  void remove(Watch& watch, bool stays_open = false) noexcept;

  /// Memory for one receive, the same for all: whoever suspends must have taken out what it needs.
  std::span<std::byte> scratch() { return scratch_; }

 private:
  static constexpr std::size_t scratch_size = 64 * 1024;

  void finished(Task::Handle task, std::exception_ptr failure) noexcept override;
  void run_resumable();
  void turn(TimePoint until);
  std::span<Poller::Ready> wait(Duration timeout);

  std::unique_ptr<Poller> poller_;
  Duration spin_;
  Timers timers_;
  std::optional<TimePoint> now_;
  std::vector<std::coroutine_handle<>> resumable_, resuming_;
  std::span<Poller::Ready> batch_;       // what the poller reported last
  Task::promise_type* tasks_ = nullptr;  // spawned and not ended
  std::exception_ptr failure_;
  std::vector<std::byte> scratch_;
};

/// A sleep that can be cut short. Lives in one coroutine's frame and does not move.
class Sleep : private Timer {
 public:
  explicit Sleep(Loop& loop) : Timer(&Sleep::on_due), loop_(loop) {}

  /// Awaitable.
  auto until(TimePoint when) {
    struct Awaiter {
      Sleep& sleep;
      TimePoint when;
      bool await_ready() const { return when <= Clock::now(); }
      void await_suspend(std::coroutine_handle<> waiter) {
        sleep.waiter_ = waiter;
        sleep.loop_.timers().arm(sleep, when);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this, when};
  }
  /// Wakes the sleeper, if there is one, at the loop's next turn.
  void cut_short() {
    if (armed()) loop_.timers().arm(*this, TimePoint::min());
  }

 private:
  static void on_due(Timer& timer) {
    std::exchange(static_cast<Sleep&>(timer).waiter_, nullptr).resume();
  }

  Loop& loop_;
  std::coroutine_handle<> waiter_{};
};

}  // namespace contend::coro
