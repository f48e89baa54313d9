// Tasks: coroutines that a loop runs beside each other.
#pragma once

#include "engines/coro/outcome.hpp"

namespace contend::coro {

/// A running coroutine. Dropping the handle changes nothing: the loop keeps it running. What it
/// threw is reported where nobody ever took it.
template <typename T = void>
class Task : public Outcome<T> {
 public:
  /// Throws std::logic_error where the loop is closed.
  Task(Loop& loop, Coroutine<T> coroutine, std::source_location created_at)
      : Outcome<T>(make(loop, std::move(coroutine), created_at)) {}

  /// "work (work.cpp:12), created at main.cpp:30"
  std::string description() const { return this->state()->task()->description(); }

 private:
  class State final : public ValueState<T>, public TaskState {
   public:
    State(Loop& loop, Promise& root, std::source_location created_at)
        : ValueState<T>(loop.link()), TaskState(*this, root, created_at) {}
    ~State() override {
      if (this->was_never_taken()) report_never_taken("task " + description(), this->failure());
    }
    bool cancel() override { return TaskState::cancel(); }
    TaskState* task() noexcept override { return this; }

   private:
    void finished(Promise& promise) noexcept override {
      auto& root = static_cast<typename Coroutine<T>::promise_type&>(promise);
      std::exception_ptr failure = std::move(root.failure);
      if constexpr (!std::is_void_v<T>)
        if (!failure) this->value.emplace(root.take());
      root.handle().destroy();
      this->end(std::move(failure));
    }
  };

  static State* make(Loop& loop, Coroutine<T> coroutine, std::source_location created_at) {
    loop.expect_open();
    return new State(loop, coroutine.release(), created_at);
  }
};

/// Starts it at the next turn of the running loop. Throws std::logic_error where none runs.
template <typename T>
Task<T> create_task(Coroutine<T> coroutine,
                    std::source_location created_at = std::source_location::current()) {
  return Task<T>(Loop::running(), std::move(coroutine), created_at);
}

/// What is a task or a future already stays one.
template <typename T>
Task<T> ensure_task(Coroutine<T> coroutine,
                    std::source_location created_at = std::source_location::current()) {
  return create_task(std::move(coroutine), created_at);
}
template <typename T>
Outcome<T> ensure_task(const Outcome<T>& outcome) {
  return outcome;
}

template <typename T>
T Loop::run_until_complete(Outcome<T> awaited) {
  run_until_done(*awaited.state());
  return awaited.result();
}

template <typename T>
T Loop::run_until_complete(Coroutine<T> main) {
  expect_runnable();  // or else the task would be there, and run later
  return run_until_complete(Task<T>(*this, std::move(main), std::source_location::current()));
}

}  // namespace contend::coro
