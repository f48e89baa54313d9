// A coroutine that does nothing until it is awaited, made a task (task.hpp) or spawned on a loop.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include "engines/coro/frames.hpp"

namespace contend::coro {

class Promise;
class TaskState;

/// Whoever has started a coroutine that nobody awaits.
class Owner {
 public:
  /// It has run to its end. Takes out what it returned or threw, and destroys the frame.
  virtual void finished(Promise& promise) noexcept = 0;
  /// The task that it runs in, or null: then nobody can cancel it.
  virtual TaskState* task() noexcept { return nullptr; }
  /// For debug mode.
  virtual std::string description() const { return "a spawned coroutine"; }

 protected:
  ~Owner() = default;
};

/// What the frames of all coroutines begin with, whatever they return.
class Promise {
 public:
  explicit Promise(std::source_location where) : place{.function = where} {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  /// Without knowing what it returns: the promise of every coroutine begins with this class, and is
  /// not aligned more strictly, so that they all lie at the same place of their frame.
  std::coroutine_handle<Promise> handle() {
    return std::coroutine_handle<Promise>::from_promise(*this);
  }

  Promise* awaiting = nullptr;  ///< The coroutine that awaits this one; null: its owner started it.
  Owner* owner = nullptr;       ///< Of this one or of the one that awaits; null: not yet started.
  union {
    std::source_location function;  ///< The coroutine's own, until it is started.
    struct {
      Promise *previous, *next;
    } neighbours;  ///< Among the spawned ones of a loop.
  } place;
  std::exception_ptr failure{};

 protected:
  ~Promise() = default;
};

/// A coroutine that waits for something can be told apart by its promise.
template <typename P>
concept AnyPromise = std::derived_from<P, Promise>;

template <typename T>
struct ReturnValue : Promise {
  using Promise::Promise;
  template <typename Value>
  void return_value(Value&& value) {
    returned.emplace(std::forward<Value>(value));
  }
  T take() { return std::move(*returned); }
  std::optional<T> returned{};
};

template <>
struct ReturnValue<void> : Promise {
  using Promise::Promise;
  void return_void() noexcept {}
  void take() noexcept {}
};

/// Reports one that was created in a loop's debug mode and destroyed without ever having run.
void report_never_awaited(const std::source_location& function) noexcept;

/// One coroutine and its frame; move-only. Destroying an unfinished one destroys the frame, with
/// all that lives in it, as if the coroutine had returned where it was suspended.
template <typename T = void>
class [[nodiscard]] Coroutine {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Coroutine(Coroutine&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Coroutine& operator=(Coroutine&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Coroutine() {
    if (!handle_) return;
    if (handle_.promise().owner == nullptr) report_never_awaited(handle_.promise().place.function);
    handle_.destroy();
  }

  /// Gives up the frame to the caller, who has to destroy it.
  promise_type& release() noexcept { return std::exchange(handle_, nullptr).promise(); }

  /// Awaiting starts it; its end, or what it threw, comes back here.
  auto operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  struct Awaiter {
    Handle awaited;
    bool await_ready() const noexcept { return false; }
    template <AnyPromise P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> awaiting) noexcept {
      awaited.promise().awaiting = &awaiting.promise();
      awaited.promise().owner = awaiting.promise().owner;
      return awaited;
    }
    T await_resume() {
      if (awaited.promise().failure) std::rethrow_exception(awaited.promise().failure);
      return awaited.promise().take();
    }
  };

  explicit Coroutine(Handle handle) : handle_(handle) {}
  Handle handle_;
};

template <typename T>
struct Coroutine<T>::promise_type : ReturnValue<T> {
  explicit promise_type(std::source_location where = std::source_location::current())
      : ReturnValue<T>(where) {
    static_assert(alignof(promise_type) <= 2 * sizeof(void*), "see Promise::handle");
  }
  Coroutine get_return_object() { return Coroutine(Handle::from_promise(*this)); }

  struct End {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle ended) noexcept {
      Promise& promise = ended.promise();
      if (promise.awaiting != nullptr) return promise.awaiting->handle();
      promise.owner->finished(promise);
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  End final_suspend() noexcept { return {}; }
};

}  // namespace contend::coro
