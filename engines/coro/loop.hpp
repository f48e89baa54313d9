// One thread's loop, with the meanings of asyncio's: it runs callbacks and coroutines that wait for
// descriptors, points in time and each other. Tasks are in task.hpp, `run` in run.hpp.
// Not thread-safe: a loop and all that runs on it belong to the thread that runs it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engines/coro/callback.hpp"
#include "engines/coro/coroutine.hpp"
#include "engines/coro/debug.hpp"
#include "engines/coro/poller.hpp"
#include "engines/coro/scheduler.hpp"
#include "engines/coro/task_state.hpp"
#include "engines/coro/timers.hpp"
#include "engines/stop.hpp"

namespace contend::coro {

class Loop;
class Mailbox;
class ThreadPool;
template <typename T>
class Outcome;

/// A coroutine's way back into its loop: where it waits until it is its turn.
class Resumption : public Callback {
 public:
  Resumption() : Callback(&Resumption::resume) {}

 protected:
  static void resume(Callback& callback);
  Promise* waiter_ = nullptr;  ///< Whoever waits, while it does.
};

/// What `call_soon` and `call_later` give: a way to call it off. Dropping it changes nothing.
class Handle {
 public:
  struct Scheduled;
  explicit Handle(std::shared_ptr<Scheduled> scheduled) : scheduled_(std::move(scheduled)) {}
  /// Nothing happens where it has run already.
  void cancel();

 private:
  std::shared_ptr<Scheduled> scheduled_;
};

class Loop final : public Scheduler, private Owner {
 public:
  /// `spin`: how long to poll without sleeping after the last event. Throws std::system_error.
  explicit Loop(std::unique_ptr<Poller> poller = make_epoll_poller(), Duration spin = {});
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// As `close`.
  ~Loop();

  /// The loop that runs on this thread. Throws std::logic_error where there is none.
  static Loop& running();
  static Loop* running_or_null() noexcept;

  /// Runs until the task or future is done. Gives its result, or throws what it threw. Throws
  /// std::logic_error where a loop runs on this thread already, and when this one is closed.
  template <typename T>
  T run_until_complete(Outcome<T> awaited);
  /// The same for a coroutine, of which it makes a task.
  template <typename T>
  T run_until_complete(Coroutine<T> main);
  /// The same, without a look at how it ended.
  void run_until_done(const OutcomeState& awaited);
  /// Destroys the tasks that have not ended, without running anything of them but destructors, and
  /// waits for the work that executors still do for this loop. Throws std::logic_error while it
  /// runs.
  void close();

  /// Calls it at the next turn; what it throws is reported, and the loop goes on. Throws
  /// std::logic_error where the loop is closed, as does the next.
  Handle call_soon(std::function<void()> callback);
  /// Calls it after `delay`.
  Handle call_later(Duration delay, std::function<void()> callback);
  using Scheduler::call_soon;

  /// Starts a coroutine at once, up to its first suspension; the loop owns it from here on. It is
  /// no task: nobody can await or cancel it, and it costs nothing beside its frame. Engines run
  /// their connections in these.
  void spawn(Coroutine<> coroutine);
  /// Runs until every spawned one has ended, or `stop`, or `until`. Throws what one of them threw.
  void run(StopToken stop = {}, TimePoint until = TimePoint::max());

  /// The time of this turn of the loop: read once a turn, and only where somebody asks.
  TimePoint now() {
    if (!now_) now_ = Clock::now();
    return *now_;
  }

  /// Awaitable: the others' turn first, and whatever has become ready meanwhile.
  auto yield() { return Yield(*this); }
  /// Awaitable: one of `events` on `watch`. One coroutine a watch at a time.
  auto ready(Watch& watch, std::uint8_t events) { return Readiness{*this, watch, events}; }

  Timers& timers() { return timers_; }
  void add(Watch& watch) { poller_->add(watch); }
  void remove(Watch& watch, bool stays_open = false) noexcept;

  /// Memory for one receive, the same for all: whoever suspends must have taken out what it needs.
  std::span<std::byte> scratch() { return scratch_; }

  /// Turns debug mode on or off. What was set in it stays for the next time.
  void set_debug(bool on);

  /// Throw std::logic_error where this loop is closed, and where it may not run now.
  void expect_open() const;
  void expect_runnable() const;

  /// The tasks of this loop that are not done, oldest first.
  TaskStates& tasks() { return link_->tasks; }
  /// Cancels them all and runs until they are done. Throws as `run_until_complete`.
  void cancel_all();
  const boost::intrusive_ptr<LoopLink>& link() const { return link_; }
  /// How executors bring their results back; made when it is first asked for.
  Mailbox& mailbox();
  /// Where `run_in_executor` runs what names no pool; made when it is first asked for.
  ThreadPool& default_executor();

 private:
  friend class Handle;

  class Yield final : public Resumption {
   public:
    explicit Yield(Loop& loop) : loop_(loop) {}
    bool await_ready() const noexcept { return false; }
    template <AnyPromise P>
    void await_suspend(std::coroutine_handle<P> waiter) {
      waiter_ = &waiter.promise();
      loop_.unpolled_ = max_unpolled;
      loop_.call_soon(*this);
    }
    void await_resume() const noexcept {}

   private:
    Loop& loop_;
  };

  struct Readiness {
    Loop& loop;
    Watch& watch;
    std::uint8_t events;
    bool await_ready() const noexcept { return (watch.ready & events) != 0; }
    template <AnyPromise P>
    void await_suspend(std::coroutine_handle<P> waiter) noexcept {
      watch.waiter = &waiter.promise();
      watch.awaited = events;
      if (loop.poller_->is_level_triggered()) loop.poller_->await(watch);
    }
    void await_resume() const noexcept {}
  };

  static constexpr std::size_t scratch_size = 64 * 1024;
  /// So many callbacks run at most before descriptors are looked at, as in Tokio's scheduler
  /// (`event_interval`): a system call a turn would cost more than what most turns do.
  static constexpr unsigned max_unpolled = 61;

  void finished(Promise& promise) noexcept override;
  Coroutine<> deliver_mail();
  void run_until(const std::function<bool()>& is_done);
  void turn(TimePoint until);
  void poll(TimePoint until);
  void run_ready();
  std::span<Poller::Ready> wait(Duration timeout);

  std::unique_ptr<Poller> poller_;
  Duration spin_;
  Timers timers_;
  std::optional<TimePoint> now_;
  std::set<std::shared_ptr<Handle::Scheduled>> scheduled_;
  unsigned unpolled_ = 0;              // callbacks since descriptors were looked at
  std::unique_ptr<Debug> debug_kept_;  // not destroyed while it watches
  std::span<Poller::Ready> batch_;     // what the poller reported last
  Promise* spawned_ = nullptr;         // and not ended
  std::exception_ptr failure_;
  std::vector<std::byte> scratch_;
  std::unique_ptr<Mailbox> mailbox_;
  std::unique_ptr<ThreadPool> default_executor_;
  boost::intrusive_ptr<LoopLink> link_;
  bool closed_ = false;
};

}  // namespace contend::coro
