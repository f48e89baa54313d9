// What the programs have in common. Each is a function of the name of its file, and has the Python
// program of that name beside it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "engines/coro/run.hpp"

namespace contend::coro::asyncio_parity {

using namespace std::chrono_literals;

/// An event: a line on standard output.
template <typename... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print("{}\n", fmt::format(format, std::forward<Args>(args)...));
}

/// As Python prints it.
constexpr const char* truth(bool value) {
  return value ? "True" : "False";
}
/// Python's `", ".join`.
std::string joined(const auto& several) {
  return fmt::format("{}", fmt::join(several, ", "));
}
/// As Python prints an exception.
std::string message_of(const std::exception_ptr& failure);

/// Python's `time.sleep`: keeps the loop, as plain code does that takes long.
void block(Duration how_long);

}  // namespace contend::coro::asyncio_parity
