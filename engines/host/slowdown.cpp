// A known slowdown.
#include "engines/host/slowdown.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "workloads/thread_cpu.hpp"

namespace contend {
namespace {

/// A thread looks at its CPU time after so many calls: seldom enough that looking (a system call,
/// 0.2 to 0.6 us) costs next to nothing, often enough that a thread of one connection is soon
/// slowed.
constexpr unsigned calls_a_look = 32;

using Nanoseconds = std::chrono::duration<double, std::nano>;

/// Works until the thread's CPU time is `end`, or somewhat later. Returns what it is then. To look
/// at the clock is the work: what takes a known time on a processor of one's own takes longer on a
/// disturbed one.
Nanoseconds work_until(Nanoseconds end) {
  Nanoseconds now = thread_cpu();
  while (now < end) now = thread_cpu();
  return now;
}

/// Of the calling thread, from the first time that it is asked for.
struct Pace {
  unsigned calls = 0;
  Nanoseconds slowed = thread_cpu();  ///< Until then all that it did was slowed.
  Nanoseconds owed{};                 ///< Below 0: worked so much too long.

  void after_call(double share) {
    if (++calls < calls_a_look) return;
    calls = 0;
    const Nanoseconds now = thread_cpu();
    owed += (now - slowed) * share;
    slowed = owed > Nanoseconds{} ? work_until(now + owed) : now;
    owed -= slowed - now;
  }
};

Pace& pace() {
  thread_local Pace of_thread;
  return of_thread;
}

/// What slowed jobs compute, and by how much they are slowed: a job has no other place for it.
struct SlowedJobs {
  std::uint64_t (*compute)(std::uint64_t) = nullptr;
  double share = 0;
};
SlowedJobs slowed_jobs;

std::uint64_t compute_slowly(std::uint64_t argument) {
  const Nanoseconds begin = thread_cpu();
  const std::uint64_t result = slowed_jobs.compute(argument);
  const Nanoseconds now = thread_cpu();
  work_until(now + (now - begin) * slowed_jobs.share);
  return result;
}

/// Of a service's session, which it owns.
class OwningSlowedSession final : public Session {
 public:
  OwningSlowedSession(std::unique_ptr<Session> inner, double share)
      : inner_(std::move(inner)), slowed_(*inner_, share) {}

  Step on_open() override { return slowed_.on_open(); }
  Step on_bytes(Bytes bytes) override { return slowed_.on_bytes(bytes); }
  Step on_early_bytes(Bytes bytes) override { return slowed_.on_early_bytes(bytes); }
  Step on_sent() override { return slowed_.on_sent(); }
  Step on_timeout() override { return slowed_.on_timeout(); }
  Step on_failure(Failure failure) override { return slowed_.on_failure(failure); }

 private:
  std::unique_ptr<Session> inner_;
  SlowedSession slowed_;
};

}  // namespace

// A client connects before the first call of its session: that is slowed too.
SlowedSession::SlowedSession(Session& inner, double share) : inner_(inner), share_(share) {
  pace();
}

Step SlowedSession::slowed(Step step) const {
  pace().after_call(share_);
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
}

}  // namespace contend
