// The delay engine: the epoll engine, but every answer takes a known time longer. It is the truth
// that the harness is tested against, so it is listed and not charted. Try it: contend-engine serve
// delay echo --delay-us 5000 --listen 127.0.0.1:7777
#include <sys/prctl.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "engines/engine.hpp"

namespace contend {

extern const Engine epoll_engine;

namespace {

/// The kernel may fire a timer this much late (prctl(2), PR_SET_TIMERSLACK); by default 50 us.
constexpr unsigned long timer_slack_ns = 1;

/// Says what another session says, each sentence held for `delay`.
class DelayedSession : public Session {
 public:
  DelayedSession(Session& session, Duration delay) : session_(session), delay_(delay) {}

  Step on_open() override { return delayed(session_.on_open()); }
  Step on_bytes(Bytes bytes) override { return delayed(session_.on_bytes(bytes)); }
  Step on_early_bytes(Bytes bytes) override { return session_.on_early_bytes(bytes); }
  Step on_sent() override { return session_.on_sent(); }  // the rest of what was delayed already
  Step on_timeout() override { return delayed(session_.on_timeout()); }
  Step on_failure(Failure failure) override { return session_.on_failure(failure); }

 private:
  Step delayed(Step step) const {
    if (step.send.empty()) return step;
    const TimePoint now = Clock::now();
    step.not_before = std::max(step.not_before.value_or(now), now) + delay_;
    return step;
  }

  Session& session_;
  Duration delay_;
};

class OwningDelayedSession : private std::unique_ptr<Session>, public DelayedSession {
 public:
  OwningDelayedSession(std::unique_ptr<Session> session, Duration delay)
      : std::unique_ptr<Session>(std::move(session)), DelayedSession(*get(), delay) {}
};

class DelayedService : public Service {
 public:
  DelayedService(Service& service, Duration delay) : service_(service), delay_(delay) {}
  std::unique_ptr<Session> open() override {
    return std::make_unique<OwningDelayedSession>(service_.open(), delay_);
  }

 private:
  Service& service_;
  Duration delay_;
};

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
  prctl(PR_SET_TIMERSLACK, timer_slack_ns);
  DelayedService delayed(service, options.delay);
  return epoll_engine.serve(std::move(listener), delayed, options, stop);
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  prctl(PR_SET_TIMERSLACK, timer_slack_ns);
  std::vector<std::unique_ptr<DelayedSession>> delayed;
  std::vector<Session*> borrowed;
  for (Session* session : sessions)
    borrowed.push_back(
        delayed.emplace_back(std::make_unique<DelayedSession>(*session, options.delay)).get());
  epoll_engine.drive(endpoint, borrowed, options);
}

void run(std::span<Job> jobs, const RunOptions& options) {
  prctl(PR_SET_TIMERSLACK, timer_slack_ns);
  for (Job& job : jobs) job.wait += options.delay;
  epoll_engine.run(jobs, options);
}

}  // namespace

extern constinit const Engine delay_engine{
    .name = "delay",
    .summary = "answers after exactly a known time; the truth that the harness is tested against",
    .charted = false,
    .scales = true,
    .delays = true,
    .serve = serve,
    .drive = drive,
    .run = run,
};

}  // namespace contend
