// A coroutine that does nothing until it is awaited or spawned on a loop (loop.hpp).
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

#include "engines/coro/frames.hpp"

namespace contend::coro {

class TaskOwner;

/// One coroutine and its frame; move-only. Destroying an unfinished task destroys the frame, with
/// all that lives in it, as if the coroutine had returned where it was suspended.
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// Gives up the frame to the caller.
  Handle release() noexcept { return std::exchange(handle_, nullptr); }

  /// Awaiting starts the task; its end, or what it threw, comes back here.
  auto operator co_await() && noexcept;

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

/// Whoever a spawned task belongs to.
class TaskOwner {
 public:
  /// The task has run to its end; `failure` holds what it threw, or null. Destroys the frame.
  virtual void finished(Task::Handle task, std::exception_ptr failure) noexcept = 0;

 protected:
  ~TaskOwner() = default;
};

struct Task::promise_type {
  std::coroutine_handle<> continuation{};  // who awaits this task,
  TaskOwner* owner = nullptr;  // or on whose loop it was spawned, and its neighbours there
  promise_type* previous = nullptr;
  promise_type* next = nullptr;
  std::exception_ptr failure{};

  Task get_return_object() { return Task(Handle::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  void return_void() noexcept {}
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  struct End {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle task) noexcept {
      promise_type& promise = task.promise();
      if (promise.continuation) return promise.continuation;
      promise.owner->finished(task, std::move(promise.failure));
      return std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  End final_suspend() noexcept { return {}; }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
};

inline auto Task::operator co_await() && noexcept {
  struct Awaiter {
    Handle task;
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
      task.promise().continuation = awaiting;
      return task;
    }
    void await_resume() {
      if (task.promise().failure) std::rethrow_exception(task.promise().failure);
    }
  };
  return Awaiter{handle_};
}

}  // namespace contend::coro
