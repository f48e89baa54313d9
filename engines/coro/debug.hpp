// Debug mode: what takes the loop too long, and what was forgotten. Told one line at a time.
#pragma once

#include <functional>
#include <source_location>
#include <string>

#include "engines/coro/coroutine.hpp"
#include "workloads/session.hpp"

namespace contend::coro {

class Debug {
 public:
  /// A step or callback that takes longer is reported.
  Duration slow_callback_duration = std::chrono::milliseconds(100);
  /// Where reports go; at first, to standard error.
  std::function<void(const std::string&)> report = to_stderr;

  /// Resumes it, and reports where it took too long: which task, where it was created, how long.
  void watch(Promise& waiter);
  /// The same for a plain callback.
  void watch(const std::function<void()>& callback);

  static void to_stderr(const std::string& line);

  /// Makes it the debug mode of the loop that runs on this thread (null: without one), which is
  /// where reports go that belong to no other. Returns the one before.
  static Debug* set_current(Debug* debug) noexcept;

 private:
  void check(TimePoint began, const std::string& what) const;
};

/// "work (work.cpp:12)", of a coroutine's own location.
std::string described(const std::source_location& function);
/// "work.cpp:12"
std::string place_of(const std::source_location& place);
/// Through the current debug mode, or else to standard error.
void report_never_taken(const std::string& whose, const std::exception_ptr& failure) noexcept;
void report_failed_callback(const std::exception_ptr& failure) noexcept;

}  // namespace contend::coro
