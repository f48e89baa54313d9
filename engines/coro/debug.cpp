// What debug mode sees and says.
#include "engines/coro/debug.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

namespace contend::coro {
namespace {

thread_local Debug* current_debug = nullptr;

/// "work" out of "contend::coro::Coroutine<int> contend::work(int)". What it can't take apart, it
/// leaves as it is.
std::string_view short_name(std::string_view signature) {
  const std::size_t end = signature.find('(');
  const std::size_t begin = signature.find_last_of(" :", end) + 1;
  const std::string_view name = signature.substr(begin, end - begin);
  return name.empty() || name.find('<') != name.npos ? signature : name;
}

std::string message_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

void report(const std::string& line) noexcept {
  try {
    if (current_debug != nullptr)
      current_debug->report(line);
    else
      Debug::to_stderr(line);
  } catch (...) {
    // Reporting is all that is left to do with a failure; there is nobody to tell that it failed.
  }
}

}  // namespace

void Debug::to_stderr(const std::string& line) {
  fmt::print(stderr, "{}\n", line);
}

Debug* Debug::set_current(Debug* debug) noexcept {
  return std::exchange(current_debug, debug);
}

void Debug::watch(Promise& waiter) {
  // Before it runs, since the task may be gone afterwards.
  const std::string task = waiter.owner->task() != nullptr ? "task " : "";
  const std::string what = task + waiter.owner->description();
  const TimePoint began = Clock::now();
  waiter.handle().resume();
  check(began, what);
}

void Debug::watch(const std::function<void()>& callback) {
  const TimePoint began = Clock::now();
  callback();
  check(began, "a callback");
}

void Debug::check(TimePoint began, const std::string& what) const {
  const Duration took = Clock::now() - began;
  if (took <= slow_callback_duration) return;
  report(fmt::format("{}: kept the loop for {:.3f} s", what,
                     std::chrono::duration<double>(took).count()));
}

std::string described(const std::source_location& function) {
  return fmt::format("{} ({})", short_name(function.function_name()), place_of(function));
}

std::string place_of(const std::source_location& place) {
  return fmt::format("{}:{}", place.file_name(), place.line());
}

void report_never_awaited(const std::source_location& function) noexcept {
  if (current_debug != nullptr)
    report(fmt::format("coroutine {} was never awaited", described(function)));
}

void report_never_taken(const std::string& whose, const std::exception_ptr& failure) noexcept {
  report(fmt::format("{}: nobody took its exception: {}", whose, message_of(failure)));
}

void report_failed_callback(const std::exception_ptr& failure) noexcept {
  report(fmt::format("a callback failed: {}", message_of(failure)));
}

}  // namespace contend::coro
