// The poll engine: one thread, a coroutine a connection, poll(2).
// The same coroutines as the epoll engine's, on the older call: the kernel looks at every
// descriptor on each turn, so the cost of a message grows with the number of connections. Try it:
// contend-engine serve poll echo --listen 127.0.0.1:7777
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <vector>

#include "engines/coro/lessons.hpp"
#include "engines/coro/roles.hpp"
#include "engines/net.hpp"

namespace contend {
namespace {

using coro::Poller;
using coro::Watch;

std::uint8_t events_of(short bits) {
  std::uint8_t events = 0;
  if ((bits & POLLIN) != 0) events |= Watch::readable;
  if ((bits & POLLOUT) != 0) events |= Watch::writable;
  if ((bits & POLLRDHUP) != 0) events |= Watch::ended;
  if ((bits & (POLLHUP | POLLERR | POLLNVAL)) != 0)
    events |= Watch::readable | Watch::writable | Watch::ended;
  return events;
}

/// The kernel's table and beside it whose entry is whose. poll(2) tells levels, not changes, so an
/// entry counts only while somebody awaits it: a negative descriptor is passed over.
class PollPoller : public Poller {
 public:
  PollPoller() : Poller(Trigger::level) {}

  void add(Watch& watch) override {
    watch.slot = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({.fd = -1, .events = 0, .revents = 0});
    watches_.push_back(&watch);
  }

  void remove(Watch& watch, bool) noexcept override {
    entries_[watch.slot] = entries_.back();
    watches_[watch.slot] = watches_.back();
    watches_[watch.slot]->slot = watch.slot;
    entries_.pop_back();
    watches_.pop_back();
  }

  void await(Watch& watch) noexcept override {
    short events = 0;
    if ((watch.awaited & Watch::readable) != 0) events |= POLLIN;
    if ((watch.awaited & Watch::writable) != 0) events |= POLLOUT;
    if ((watch.awaited & Watch::ended) != 0) events |= POLLRDHUP;
    entries_[watch.slot] = {.fd = watch.fd, .events = events, .revents = 0};
  }

  std::span<Ready> wait(Duration timeout) override {
    ready_.clear();
    int count = wait_for_events(timeout);
    if (count < 0) outlast(errno, timeout, "ppoll");
    for (std::size_t slot = 0; count > 0 && slot < entries_.size(); ++slot) {
      pollfd& entry = entries_[slot];
      if (entry.fd < 0 || entry.revents == 0) continue;
      ready_.push_back({watches_[slot], events_of(entry.revents)});
      entry.fd = -1;
      --count;
    }
    return ready_;
  }

 private:
  int wait_for_events(Duration timeout) {
    if (timeout == Duration::max())
      return ppoll(entries_.data(), entries_.size(), nullptr, nullptr);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec precise{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
    return ppoll(entries_.data(), entries_.size(), &precise, nullptr);
  }

  std::vector<pollfd> entries_;
  std::vector<Watch*> watches_;
  std::vector<Ready> ready_;
};

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
  return coro::serve(coro::make_poll_poller, std::move(listener), service, options, stop);
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  coro::drive(coro::make_poll_poller, endpoint, sessions, options);
}

void run(std::span<Job> jobs, const RunOptions& options) {
  coro::run(coro::make_poll_poller, jobs, options);
}

void lesson(std::string_view name, const Parameters& parameters, LessonReport& report) {
  coro::teach(coro::make_poll_poller, name, parameters, report);
}

}  // namespace

std::unique_ptr<Poller> coro::make_poll_poller() {
  return std::make_unique<PollPoller>();
}

extern constinit const Engine poll_engine{
    .name = "poll",
    .summary = "one thread, a coroutine a connection, poll(2)",
    .scales = true,
    .spins = true,
    .serve = serve,
    .drive = drive,
    .run = run,
    .lesson = lesson,
};

}  // namespace contend
