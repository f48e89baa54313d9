// sleep: jobs that only wait, so what shows is whether an engine can wait for many at once. Try it:
//   contend-engine run epoll sleep --set jobs=10 --set wait_ms=10
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr ParameterSpec parameters[] = {
    {"jobs", 10, 1, 100'000, "how many times"},
    {"wait_ms", 10, 0, 60'000, "how long each waits"},
    {"step_ms", 0, 0, 1'000, "how much longer each waits than the one before"},
};

std::vector<Job> jobs(const Parameters& given) {
  std::vector<Job> all(static_cast<std::size_t>(given["jobs"]));
  std::chrono::milliseconds wait(given["wait_ms"]);
  for (Job& job : all) {
    job.wait = wait;
    wait += std::chrono::milliseconds(given["step_ms"]);
  }
  return all;
}

}  // namespace

extern const Workload sleep_workload{.name = "sleep",
                                     .summary = "only waiting, at the same time where possible",
                                     .role = Role::run,
                                     .parameters = parameters,
                                     .jobs = jobs};

}  // namespace contend
