// The epoll engine: one thread, a coroutine a connection, edge-triggered epoll.
// Each descriptor is registered once, for reading and writing at the same time, so that no message
// costs an epoll_ctl (epoll(7); EPOLLRDHUP since Linux 2.6.17, epoll_pwait2 since 5.11).
// Try it: contend-engine serve epoll echo --listen 127.0.0.1:7777
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "engines/coro/lessons.hpp"
#include "engines/coro/roles.hpp"
#include "engines/net.hpp"

namespace contend {
namespace {

using coro::Poller;
using coro::Watch;

constexpr std::size_t events_a_wait = 512;

std::uint8_t events_of(std::uint32_t bits) {
  std::uint8_t events = 0;
  if ((bits & EPOLLIN) != 0) events |= Watch::readable;
  if ((bits & EPOLLOUT) != 0) events |= Watch::writable;
  if ((bits & EPOLLRDHUP) != 0) events |= Watch::ended;
  if ((bits & (EPOLLHUP | EPOLLERR)) != 0)
    events |= Watch::readable | Watch::writable | Watch::ended;
  return events;
}

class EpollPoller : public Poller {
 public:
  EpollPoller() : Poller(Trigger::edge), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_) throw_errno("epoll_create1");
  }

  void add(Watch& watch) override {
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watch}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watch.fd, &event) != 0)
      throw_errno("epoll_ctl EPOLL_CTL_ADD");
  }
  void remove(Watch& watch, bool stays_open) noexcept override {
    // Closing the descriptor does it, at no call more.
    if (stays_open) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watch.fd, nullptr);
  }

  std::span<Ready> wait(Duration timeout) override {
    const int count = wait_for_events(timeout);
    if (count < 0) outlast(errno, timeout, "epoll_wait");
    const std::size_t found = count < 0 ? 0 : static_cast<std::size_t>(count);
    for (std::size_t i = 0; i < found; ++i)
      ready_[i] = {static_cast<Watch*>(events_[i].data.ptr), events_of(events_[i].events)};
    return std::span(ready_).first(found);
  }

 private:
  int wait_for_events(Duration timeout) {
    constexpr int most = events_a_wait;
    if (timeout == Duration::zero()) return epoll_wait(epoll_.get(), events_.data(), most, 0);
    if (timeout == Duration::max()) return epoll_wait(epoll_.get(), events_.data(), most, -1);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec precise{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
    const int count = epoll_pwait2(epoll_.get(), events_.data(), most, &precise, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(timeout);
    return epoll_wait(epoll_.get(), events_.data(), most, static_cast<int>(whole.count()));
  }

  Fd epoll_;
  std::array<epoll_event, events_a_wait> events_{};
  std::array<Ready, events_a_wait> ready_{};
};

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
  return coro::serve(coro::make_epoll_poller, std::move(listener), service, options, stop);
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  coro::drive(coro::make_epoll_poller, endpoint, sessions, options);
}

void run(std::span<Job> jobs, const RunOptions& options) {
  coro::run(coro::make_epoll_poller, jobs, options);
}

void lesson(std::string_view name, const Parameters& parameters, LessonReport& report) {
  coro::teach(coro::make_epoll_poller, name, parameters, report);
}

}  // namespace

std::unique_ptr<Poller> coro::make_epoll_poller() {
  return std::make_unique<EpollPoller>();
}

extern constinit const Engine epoll_engine{
    .name = "epoll",
    .summary = "one thread, a coroutine a connection, edge-triggered epoll",
    .scales = true,
    .spins = true,
    .serve = serve,
    .drive = drive,
    .run = run,
    .lesson = lesson,
};

}  // namespace contend
