// Saying when something begins, and how long it took.
#include "engines/coro/timed.hpp"

#include <fmt/format.h>

namespace contend::coro {

Stopwatch::Stopwatch(std::string name, Say say)
    : name_(std::move(name)), say_(std::move(say)), began_(Clock::now()) {
  say_(name_ + " started");
}

void Stopwatch::end(const char* how) {
  say_(fmt::format("{} {} {:.3f} s", name_, how,
                   std::chrono::duration<double>(Clock::now() - began_).count()));
}

void Stopwatch::to_stdout(const std::string& line) {
  fmt::print("{}\n", line);
}

}  // namespace contend::coro
