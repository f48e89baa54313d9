// The part of tasks and futures that is the same whatever their result is: whether they are done,
// who waits for them, and how a task is cancelled. Handles to them are in outcome.hpp and task.hpp.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>

#include "engines/coro/callback.hpp"
#include "engines/coro/coroutine.hpp"
#include "engines/coro/scheduler.hpp"

namespace contend::coro {

/// Thrown at the await of a task that is cancelled. No std::exception, so that whoever catches
/// those does not swallow a cancellation; to clean up, catch it and throw it on.
struct CancelledError final {};

/// What `wait_for` throws when the time has run out.
struct TimeoutError : std::runtime_error {
  TimeoutError() : std::runtime_error("the time has run out") {}
};

/// A result is asked for before there is one, or set a second time.
struct InvalidStateError : std::logic_error {
  using std::logic_error::logic_error;
};

/// What a task waits for, and can be told to stop waiting for.
class Cancellable {
 public:
  /// False where it is too late: the waiter is on its way already.
  virtual bool cancel() = 0;

 protected:
  ~Cancellable() = default;
};

struct LoopLink;
void intrusive_ptr_add_ref(LoopLink* link) noexcept;
void intrusive_ptr_release(LoopLink* link) noexcept;

/// Counted by its handles, and by the loop as long as it is a task that is not done.
class OutcomeState {
 public:
  explicit OutcomeState(boost::intrusive_ptr<LoopLink> link);
  OutcomeState(const OutcomeState&) = delete;
  OutcomeState& operator=(const OutcomeState&) = delete;

  bool done() const { return stage_ != Stage::pending; }
  bool cancelled() const { return stage_ == Stage::cancelled; }
  /// False where it is done already.
  virtual bool cancel();
  /// The loop that it belongs to. Throws std::logic_error where that is closed.
  Scheduler& scheduler() const;
  const boost::intrusive_ptr<LoopLink>& link() const { return link_; }

  /// Fires at the loop's turn after this is done, if there is one. Must live until then, or leave.
  /// Throws std::logic_error where the loop is closed.
  void when_done(Callback& callback);
  /// It is done: with a result that is there already, or with what was thrown. Throws
  /// InvalidStateError where it was done before.
  void finish(std::exception_ptr failure = {});
  void finish_cancelled();

  /// What was thrown, or null. Throws InvalidStateError or CancelledError.
  std::exception_ptr exception();
  /// Throws where there is no result to be had.
  void check_result();
  /// The task, where it is one.
  virtual class TaskState* task() noexcept { return nullptr; }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* state, std::size_t size) noexcept { free_frame(state, size); }

 protected:
  virtual ~OutcomeState();
  /// Once: somebody should have asked what was thrown, and nobody has.
  bool was_never_taken() noexcept { return failure_ && !std::exchange(failure_taken_, true); }
  const std::exception_ptr& failure() const { return failure_; }

 private:
  enum class Stage : std::uint8_t { pending, finished, cancelled };

  friend void intrusive_ptr_add_ref(OutcomeState* state) noexcept { ++state->handles_; }
  friend void intrusive_ptr_release(OutcomeState* state) noexcept {
    if (--state->handles_ == 0) delete state;
  }
  void wake_waiters();

  boost::intrusive_ptr<LoopLink> link_;
  Callbacks waiters_;
  std::exception_ptr failure_{};
  std::uint32_t handles_ = 0;
  Stage stage_ = Stage::pending;
  bool failure_taken_ = false;
};

/// A coroutine that the loop runs, and that can be cancelled.
class TaskState : public Owner,
                  public boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// Takes over the coroutine and starts it at the loop's next turn.
  TaskState(OutcomeState& outcome, Promise& root, std::source_location created_at);

  /// As asyncio's `Task.cancel`: false where it is done already. What it awaits is cancelled with
  /// it; where it awaits nothing, the next await throws. Throws std::logic_error where it awaits
  /// itself through others, who then wait for each other for ever.
  bool cancel();
  /// The task waits for this from now on. A cancellation that came before takes effect now.
  void waits_for(Cancellable& awaited);
  /// The task goes on. Throws CancelledError where it was cancelled meanwhile.
  void goes_on();

  /// "work (work.cpp:12), created at main.cpp:30"
  std::string description() const override;
  TaskState* task() noexcept override { return this; }
  OutcomeState& outcome() { return outcome_; }
  /// The loop is closed: destroys the frame, as if it had been cancelled before it ran on.
  void abandon();

 protected:
  ~TaskState() = default;
  /// How it has ended: `failure` as the coroutine left it, with a result that is there already.
  void end(std::exception_ptr failure) noexcept;

 private:
  struct Start : Callback {
    explicit Start(TaskState& its) : Callback(&Start::go), task(its) {}
    static void go(Callback& callback);
    TaskState& task;
  };

  Promise* root_;
  OutcomeState& outcome_;
  Cancellable* awaited_ = nullptr;
  bool must_cancel_ = false, being_cancelled_ = false;
  std::source_location function_, created_at_;
  Start start_{*this};
};

using TaskStates = boost::intrusive::list<TaskState, boost::intrusive::constant_time_size<false>>;

/// Where outcomes find their loop, which they may outlive.
struct LoopLink {
  Scheduler* scheduler;  ///< Null: the loop is closed.
  TaskStates tasks{};    ///< Those that are not done, oldest first.
  std::uint32_t holders = 0;
};
inline void intrusive_ptr_add_ref(LoopLink* link) noexcept {
  ++link->holders;
}
inline void intrusive_ptr_release(LoopLink* link) noexcept {
  if (--link->holders == 0) delete link;
}

}  // namespace contend::coro
