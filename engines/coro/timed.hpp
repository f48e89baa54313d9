// Saying when something begins, and how long it took.
#pragma once

#include <functional>
#include <string>

#include "engines/coro/task.hpp"

namespace contend::coro {

/// A line for the beginning, and at the end one with the duration: NAME started; NAME finished in
/// 1.002 s (or failed, or was cancelled, after as much).
class Stopwatch {
 public:
  using Say = std::function<void(const std::string&)>;
  Stopwatch(std::string name, Say say);
  void finished() { end("finished in"); }
  void failed() { end("failed after"); }
  void cancelled() { end("was cancelled after"); }
  static void to_stdout(const std::string& line);

 private:
  void end(const char* how);
  std::string name_;
  Say say_;
  TimePoint began_;
};

/// Awaits it, and says so. Lines go to standard output where nothing else is asked for.
template <typename Awaitable>
auto timed(std::string name, Awaitable awaitable, Stopwatch::Say say = Stopwatch::to_stdout)
    -> Coroutine<decltype(std::declval<Awaitable>().operator co_await().await_resume())> {
  Stopwatch stopwatch(name, say);
  try {
    if constexpr (std::is_void_v<
                      decltype(std::declval<Awaitable>().operator co_await().await_resume())>) {
      co_await std::move(awaitable);
      stopwatch.finished();
    } else {
      auto result = co_await std::move(awaitable);
      stopwatch.finished();
      co_return result;
    }
  } catch (const CancelledError&) {
    stopwatch.cancelled();
    throw;
  } catch (...) {
    stopwatch.failed();
    throw;
  }
}

}  // namespace contend::coro
