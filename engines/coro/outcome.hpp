// What will be there later: the handles to futures and, in task.hpp, to tasks. As in asyncio, a
// handle may be copied and awaited by several; the future lives as long as its last handle.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <concepts>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "engines/coro/loop.hpp"
#include "engines/coro/task_state.hpp"

namespace contend::coro {

/// Stands for void where a value is needed.
struct Nothing {};
template <typename T>
using OrNothing = std::conditional_t<std::is_void_v<T>, Nothing, T>;

template <typename T>
class ValueState : public OutcomeState {
 public:
  using OutcomeState::OutcomeState;
  std::optional<OrNothing<T>> value;
};

/// A suspended coroutine that can be cancelled while it waits.
class Suspension : public Resumption, public Cancellable {
 protected:
  ~Suspension() = default;
  /// Whoever waits, with the task that it belongs to. Then arrange to be woken, then `suspended`.
  void suspend(Promise& waiter) {
    waiter_ = &waiter;
    task_ = waiter.owner->task();
  }
  void suspended() {
    if (task_ != nullptr) task_->waits_for(*this);
  }
  /// To be called where the coroutine goes on. Throws CancelledError.
  void goes_on() {
    if (task_ != nullptr) task_->goes_on();
  }
  TaskState* task() const { return task_; }

 private:
  TaskState* task_ = nullptr;
};

template <typename T>
class Outcome {
 public:
  using State = ValueState<T>;
  using Value = T;

  explicit Outcome(boost::intrusive_ptr<State> state) : state_(std::move(state)) {}

  bool done() const { return state_->done(); }
  bool cancelled() const { return state_->cancelled(); }
  /// Asks for it to be cancelled. False where it is done already.
  bool cancel() const { return state_->cancel(); }
  /// Throws InvalidStateError before it is done, CancelledError if it was cancelled, and what it
  /// threw if it threw. A result that can't be copied can be had once.
  T result() const {
    state_->check_result();
    if constexpr (std::copy_constructible<T>)
      return *state_->value;
    else if constexpr (!std::is_void_v<T>)
      return std::move(*state_->value);
  }
  /// What it threw, or null. Throws as `result`.
  std::exception_ptr exception() const { return state_->exception(); }
  /// Awaitable: its result, as by `result`. Whoever is cancelled while awaiting it cancels it too.
  auto operator co_await() const { return Awaiter(*this); }

  const boost::intrusive_ptr<State>& state() const { return state_; }

 private:
  class Awaiter final : public Suspension {
   public:
    explicit Awaiter(Outcome awaited) : awaited_(std::move(awaited)) {}
    bool await_ready() const { return awaited_.done(); }
    template <AnyPromise P>
    void await_suspend(std::coroutine_handle<P> waiter) {
      suspend(waiter.promise());
      if (task() != nullptr && awaited_.state_->task() == task())
        throw std::logic_error("a task can't await itself");
      awaited_.state_->when_done(*this);
      suspended();
    }
    T await_resume() {
      goes_on();
      return awaited_.result();
    }
    bool cancel() override { return awaited_.cancel(); }

   private:
    Outcome awaited_;
  };

  boost::intrusive_ptr<State> state_;
};

/// A result that somebody will set.
template <typename T = void>
class Future : public Outcome<T> {
 public:
  explicit Future(Loop& loop = Loop::running()) : Outcome<T>(new ValueState<T>(loop.link())) {}
  explicit Future(boost::intrusive_ptr<ValueState<T>> state) : Outcome<T>(std::move(state)) {}

  /// Throw InvalidStateError where it is done already. Who awaits it goes on at the next turn.
  void set_result(OrNothing<T> value = {}) const {
    if (!this->done()) this->state()->value.emplace(std::move(value));
    this->state()->finish();
  }
  void set_exception(std::exception_ptr failure) const {
    this->state()->finish(std::move(failure));
  }
  template <typename Exception>
  void set_exception(Exception failure) const {
    set_exception(std::make_exception_ptr(std::move(failure)));
  }
};

}  // namespace contend::coro
