// A known slowdown, for testing what finds slowdowns: busy work that adds a given share to the CPU
// time of a server, a client or a job. It measures nothing for anybody else.
//   contend-engine --slow-percent 5 serve epoll echo
#pragma once

#include <memory>
#include <span>

#include "workloads/job.hpp"
#include "workloads/session.hpp"

namespace contend {

/// Passes everything on to `inner`, and works after some calls, for so long that the thread's CPU
/// time, the engine's own and the kernel's included, grows by `share` (0.05 is 5 %) of what it was
/// since the last time. A thread's last few calls are not slowed.
class SlowedSession final : public Session {
 public:
  /// `inner` is borrowed.
  SlowedSession(Session& inner, double share);

  Step on_open() override { return slowed(inner_.on_open()); }
  Step on_bytes(Bytes bytes) override { return slowed(inner_.on_bytes(bytes)); }
  Step on_early_bytes(Bytes bytes) override { return slowed(inner_.on_early_bytes(bytes)); }
  Step on_sent() override { return slowed(inner_.on_sent()); }
  Step on_timeout() override { return inner_.on_timeout(); }
  Step on_failure(Failure failure) override { return inner_.on_failure(failure); }

 private:
  Step slowed(Step step) const;

  Session& inner_;
  double share_;
};

class SlowedService final : public Service {
 public:
  /// `inner` is borrowed.
  SlowedService(Service& inner, double share) : inner_(inner), share_(share) {}
  std::unique_ptr<Session> open() override;

 private:
  Service& inner_;
  double share_;
};

/// Makes each job's computation take longer by `share`. All jobs must compute the same, else
/// std::invalid_argument. Once a process.
void slow_down(std::span<Job> jobs, double share);

}  // namespace contend
