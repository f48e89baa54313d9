// A known slowdown.
#include "engines/host/slowdown.hpp"

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace contend {
namespace {

/// A thread looks at its CPU time after so many calls: seldom enough that looking (a system call,
/// 0.2 us or so) costs next to nothing, often enough that a thread of one connection is soon
/// slowed.
constexpr unsigned calls_a_look = 16;

double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Arithmetic that can't be left out: each step needs the one before.
void work(std::uint64_t steps) {
  std::uint64_t value = 1;
  for (std::uint64_t i = 0; i < steps; ++i) {
    value = value * 6364136223846793005U + 1442695040888963407U;
    asm volatile("" : "+r"(value));
  }
}

/// CPU time of a step of `work`, the least of several trials, since whatever disturbs one adds to
/// it.
double measured_step_ns() {
  constexpr std::uint64_t steps = 100'000;
  double least = 1e18;
  for (int trial = 0; trial < 5; ++trial) {
    const double begin = thread_cpu_ns();
    work(steps);
    least = std::min(least, (thread_cpu_ns() - begin) / static_cast<double>(steps));
  }
  return least;
}

double step_ns() {
  static const double once = measured_step_ns();
  return once;
}

void work_for(double ns) {
  work(static_cast<std::uint64_t>(ns / step_ns()));
}

/// Of the calling thread: what a call costs without the busy work.
struct Pace {
  unsigned calls = 0;
  double looked_at_ns = thread_cpu_ns(), worked_ns = 0, each_ns = 0;

  void after_call(double share) {
    if (++calls == calls_a_look) {
      const double now = thread_cpu_ns();
      each_ns = std::max(0.0, now - looked_at_ns - worked_ns) / calls_a_look;
      looked_at_ns = now;
      worked_ns = 0;
      calls = 0;
    }
    work_for(each_ns * share);
    worked_ns += each_ns * share;
  }
};

/// What slowed jobs compute, and by how much they are slowed: a job has no other place for it.
struct SlowedJobs {
  std::uint64_t (*compute)(std::uint64_t) = nullptr;
  double share = 0;
};
SlowedJobs slowed_jobs;

std::uint64_t compute_slowly(std::uint64_t argument) {
  const double begin = thread_cpu_ns();
  const std::uint64_t result = slowed_jobs.compute(argument);
  work_for((thread_cpu_ns() - begin) * slowed_jobs.share);
  return result;
}

/// Of a service's session, which it owns.
class OwningSlowedSession final : public Session {
 public:
  OwningSlowedSession(std::unique_ptr<Session> inner, double share)
      : inner_(std::move(inner)), slowed_(*inner_, share) {}

  Step on_open() override { return slowed_.on_open(); }
  Step on_bytes(Bytes bytes) override { return slowed_.on_bytes(bytes); }
  Step on_sent() override { return slowed_.on_sent(); }
  Step on_silence() override { return slowed_.on_silence(); }
  Step on_failure(Failure failure) override { return slowed_.on_failure(failure); }

 private:
  std::unique_ptr<Session> inner_;
  SlowedSession slowed_;
};

}  // namespace

Step SlowedSession::slowed(Step step) const {
  thread_local Pace pace;
  pace.after_call(share_);
  return step;
}

std::unique_ptr<Session> SlowedService::open() {
  return std::make_unique<OwningSlowedSession>(inner_.open(), share_);
}

void slow_down(std::span<Job> jobs, double share) {
  for (Job& job : jobs) {
    if (job.compute == nullptr) continue;
    if (slowed_jobs.compute != nullptr && job.compute != slowed_jobs.compute)
      throw std::invalid_argument("jobs that compute different things can't be slowed down");
    slowed_jobs = {.compute = job.compute, .share = share};
  }
  for (Job& job : jobs)
    if (job.compute != nullptr) job.compute = compute_slowly;
  step_ns();  // measured now, not within a job
}

}  // namespace contend
