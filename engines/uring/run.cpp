// The role of jobs: all wait at once, as timeouts in the ring; each is performed on the loop when
// its wait is over, in order of arrival.
#include <vector>

#include "engines/uring/loop.hpp"
#include "engines/uring/roles.hpp"

namespace contend::uring {
namespace {

class Waiting final : private Receiver {
 public:
  Waiting(Loop& loop, Job& job, std::size_t& left) : loop_(loop), job_(job), left_(left) {}

  void start() {
    io_uring_sqe* const entry = loop_.entry(*this, Operation::timeout);
    if (!waits()) return io_uring_prep_nop(entry);
    job_.start();
    const Duration due = (job_.started + job_.wait).time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(due);
    due_ = {.tv_sec = seconds.count(), .tv_nsec = (due - seconds).count()};
    io_uring_prep_timeout(entry, &due_, 0, IORING_TIMEOUT_ABS);
  }

 private:
  bool waits() const { return job_.wait > Duration::zero(); }
  void completed(Operation, int, unsigned) override {
    --left_;
    if (loop_.stopped()) return;
    if (!waits()) job_.start();
    job_.perform();
  }

  Loop& loop_;
  Job& job_;
  std::size_t& left_;
  __kernel_timespec due_{};
};

}  // namespace

void run(std::span<Job> jobs, const RunOptions& options, const Setup& setup) {
  std::size_t left = jobs.size();
  std::vector<Waiting> all;
  all.reserve(jobs.size());
  Loop loop(setup, {}, options.stop);
  for (Job& job : jobs) all.emplace_back(loop, job, left).start();
  // Timeouts that are left over at a stop end with the ring, and point at nothing.
  while (left > 0 && !loop.stopped()) loop.turn();
}

}  // namespace contend::uring
