// blocked: computations that hold up a short delay. On one loop the delay ends last, since nobody
// looks at the clock while the loop counts; with threads or processes it ends when it should. Try
// it:
//   contend-engine run epoll blocked        and        contend-engine run threads blocked
#include "workloads/count.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr ParameterSpec parameters[] = {
    {"limit", 5'000'000, 0, 100'000'000'000, "what each computation counts to"},
    {"jobs", 2, 1, 10'000, "how many computations"},
    {"wait_ms", 1, 0, 60'000, "how long the delay is that they hold up"},
};

std::vector<Job> jobs(const Parameters& given) {
  Job counting;
  counting.compute = count;
  counting.argument = counting.expected = static_cast<std::uint64_t>(given["limit"]);
  std::vector<Job> all(static_cast<std::size_t>(given["jobs"]), counting);
  all.emplace_back().wait = std::chrono::milliseconds(given["wait_ms"]);
  return all;
}

}  // namespace

extern const Workload blocked_workload{.name = "blocked",
                                       .summary = "a short delay beside computations",
                                       .role = Role::run,
                                       .parameters = parameters,
                                       .jobs = jobs};

}  // namespace contend
