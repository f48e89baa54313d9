// ticker: delays beside a ticker that goes on meanwhile. Whoever waits for all at once is done when
// the longest wait is over; whoever waits for one after the other takes their sum. Try it:
//   contend-engine run epoll ticker
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr ParameterSpec parameters[] = {
    {"jobs", 3, 1, 10'000, "how many delays"},
    {"wait_ms", 300, 0, 60'000, "how long the first delay is"},
    {"step_ms", 100, 0, 1'000, "how much longer each is than the one before"},
    {"ticks", 5, 0, 10'000, "how often the ticker ticks"},
    {"tick_ms", 100, 0, 1'000, "the time from one tick to the next"},
};

std::vector<Job> jobs(const Parameters& given) {
  using std::chrono::milliseconds;
  std::vector<Job> all;
  const auto wait = [&](milliseconds first, milliseconds step, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      Job job;
      job.wait = first + i * step;
      all.push_back(job);
    }
  };
  wait(milliseconds(given["wait_ms"]), milliseconds(given["step_ms"]), given["jobs"]);
  const milliseconds tick(given["tick_ms"]);
  wait(tick, tick, given["ticks"]);
  return all;
}

}  // namespace

extern const Workload ticker_workload{.name = "ticker",
                                      .summary = "delays, and a ticker that goes on meanwhile",
                                      .role = Role::run,
                                      .parameters = parameters,
                                      .jobs = jobs};

}  // namespace contend
