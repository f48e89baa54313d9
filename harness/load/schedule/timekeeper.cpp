// Waiting in steps, each of which may be late.
#include "harness/load/schedule/timekeeper.hpp"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cerrno>

namespace contend::load {
namespace {

/// So often it looks whether it is woken in time. Each look costs the load's CPU some microseconds.
constexpr Duration tick = std::chrono::milliseconds(50);
constexpr Duration second = std::chrono::seconds(1);

timespec timespec_of(Duration time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace

void Timekeeper::wait_for_begin() {
  while (Clock::now() < begin_ && sleep_until(begin_)) {
  }
}

void Timekeeper::wait(const std::function<void(TimePoint)>& each_second) {
  TimePoint next_second = begin_ + second;
  for (TimePoint now = Clock::now(); now < end_; now = Clock::now()) {
    const TimePoint until = std::min({now + tick, next_second, end_});
    if (!sleep_until(until)) return;
    now = Clock::now();
    if (now > until) late_ += now - until;
    if (now < next_second || next_second >= end_) continue;
    each_second(now);
    next_second += second * ((now - next_second) / second + 1);
  }
}

bool Timekeeper::sleep_until(TimePoint time) {
  pollfd watched[]{{.fd = interrupted_.fd(), .events = POLLIN, .revents = 0},
                   {.fd = sessions_ended_.token().fd(), .events = POLLIN, .revents = 0}};
  const timespec left = timespec_of(std::max(Duration{}, time - Clock::now()));
  return ppoll(watched, std::size(watched), &left, nullptr) <= 0;
}

}  // namespace contend::load
