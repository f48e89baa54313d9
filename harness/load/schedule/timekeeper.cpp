// Waiting in steps, each of which may be late.
#include "harness/load/schedule/timekeeper.hpp"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cerrno>

namespace contend::load {
namespace {

/// How often it looks whether it is woken in time. A look costs the load's CPU some microseconds.
constexpr Duration tick = std::chrono::milliseconds(50);
constexpr Duration second = std::chrono::seconds(1);

timespec timespec_of(Duration time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace

Timekeeper::Woken Timekeeper::wait_until(TimePoint time, int event) {
  pollfd watched[]{{.fd = interruption_, .events = POLLIN, .revents = 0},
                   {.fd = sessions_ended_.token().fd(), .events = POLLIN, .revents = 0},
                   {.fd = event, .events = POLLIN, .revents = 0}};
  for (;;) {
    const timespec left = timespec_of(std::max(Duration{}, time - Clock::now()));
    const int ready = ppoll(watched, std::size(watched), &left, nullptr);
    if (ready < 0 && errno != EINTR) throw_errno("ppoll");
    if (ready == 0) return Woken::by_time;
    if (ready < 0) continue;
    if (watched[1].revents != 0) return Woken::by_end_of_sessions;
    return watched[0].revents != 0 ? Woken::by_interruption : Woken::by_event;
  }
}

void Timekeeper::wait(TimePoint begin, TimePoint end,
                      const std::function<void(TimePoint)>& each_second) {
  TimePoint next_second = begin + second;
  for (TimePoint now = Clock::now(); now < end; now = Clock::now()) {
    const TimePoint until = std::min({now + tick, next_second, end});
    if (wait_until(until) != Woken::by_time) return;
    now = Clock::now();
    if (now > until) late_ += now - until;
    if (now < next_second || next_second >= end) continue;
    each_second(now);
    next_second += second * ((now - next_second) / second + 1);
  }
}

}  // namespace contend::load
