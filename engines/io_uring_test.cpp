// The io_uring engine with jobs, and what it says of the kernel.
#include "engines/io_uring_testing.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "engines/uring/ring.hpp"

namespace contend::test {
namespace {

class UringRun : public Uring {};
INSTANTIATE_TEST_SUITE_P(Setups, UringRun, ::testing::ValuesIn(cases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(UringRun, PerformsJobsInTheOrderInWhichTheirWaitsEnd) {
  constexpr std::size_t count = 1000;
  std::vector<Job> jobs(count);
  for (std::size_t i = 0; i < count; ++i)
    jobs[i] = {.wait = std::chrono::microseconds(50) * (count - i),
               .compute = [](std::uint64_t n) { return n * n; },
               .argument = i,
               .expected = i * i};
  jobs[7].wait = {};
  const TimePoint began = Clock::now();
  uring::run(jobs, {}, setup());
  EXPECT_LT(Clock::now() - began, std::chrono::seconds(1) * sanitizer_factor) << "one by one?";
  for (const Job& job : jobs) {
    ASSERT_TRUE(job.correct());
    ASSERT_GE(job.computing, job.started + job.wait);
  }
  EXPECT_LT(jobs[900].finished, jobs[100].computing);
}

TEST_P(UringRun, StartsAJobThatDoesNotWaitWhenItsTurnComes) {
  std::vector<Job> jobs(4);
  for (Job& job : jobs) job.compute = [](std::uint64_t) { return std::uint64_t{0}; };
  uring::run(jobs, {}, setup());
  for (std::size_t i = 1; i < jobs.size(); ++i)
    EXPECT_GE(jobs[i].started, jobs[i - 1].finished) << i;
}

TEST_P(UringRun, LeavesJobsUnfinishedAtAStop) {
  std::vector<Job> jobs(50);
  for (Job& job : jobs) job.wait = std::chrono::hours(1);
  jobs[0].wait = {};
  static StopSource* told = nullptr;
  StopSource stop;
  told = &stop;
  jobs[0].compute = [](std::uint64_t) {
    told->request();
    return std::uint64_t{0};
  };
  uring::run(jobs, {.stop = stop.token()}, setup());
  EXPECT_TRUE(jobs[0].correct());
  EXPECT_FALSE(jobs[1].correct());
}

// For the thread sanitizer: the second ring is likely to lie where the first one lay, and the
// threads share nothing else that would tell it that one came after the other.
TEST(UringRing, LiesWhereAnotherThreadHadOne) {
  if (uring::unavailable() != nullptr) GTEST_SKIP() << uring::unavailable();
  std::atomic<int> turn = 0;
  const auto use_one = [&](int own) {
    while (turn.load(std::memory_order_relaxed) != own) std::this_thread::yield();
    {
      uring::Ring ring({}, false);
      io_uring_prep_nop(ring.entry());
      ring.submit();
      EXPECT_TRUE(ring.peek());
    }
    turn.store(own + 1, std::memory_order_relaxed);
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(use_one, i);
}

TEST(UringFeatures, AreNamed) {
  EXPECT_EQ(uring::Features{}.text(), "plain io_uring");
  EXPECT_EQ((uring::Features{.coop_taskrun = true, .multishot_accept = true}).text(),
            "COOP_TASKRUN, multishot accept");
}

TEST(UringUnavailable, SaysHowToMendIt) {
  const auto says = [](int error_number, int disabled, std::string_view what) {
    const std::string reason = uring::unavailable_because(error_number, disabled);
    EXPECT_NE(reason.find(what), std::string::npos) << reason;
  };
  says(ENOSYS, -1, "CONFIG_IO_URING");
  says(EPERM, 2, "kernel.io_uring_disabled=0");
  says(EPERM, 1, "kernel.io_uring_group");
  says(EPERM, 0, "seccomp");
  says(EPERM, -1, "seccomp");
  says(ENOMEM, 0, "ulimit -l");
  says(EMFILE, 0, "ulimit -n");
  says(EIO, 0, "strace");
}

}  // namespace
}  // namespace contend::test
