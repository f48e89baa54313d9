// Fibonacci numbers and the other computed jobs: right, and as heavy as they are meant to be.
#include "workloads/fib.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "workloads/thread_cpu.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

std::chrono::duration<double> cost_of_fib(std::uint64_t n) {
  const auto begin = thread_cpu();
  EXPECT_GT(fib(n), 0U);
  return thread_cpu() - begin;
}

/// Cost of fib(heavy) over fib(light): the median of adjacent pairs, since the clock speed drifts.
double cost_ratio(std::uint64_t heavy, std::uint64_t light) {
  std::array<double, 21> ratios{};
  for (double& ratio : ratios) ratio = cost_of_fib(heavy) / cost_of_fib(light);
  std::ranges::nth_element(ratios, ratios.begin() + ratios.size() / 2);
  return ratios[ratios.size() / 2];
}

TEST(Fib, BeginsWithZeroAndOne) {
  const std::array<std::uint64_t, 11> first{0, 0, 1, 1, 2, 3, 5, 8, 13, 21, 34};
  for (std::uint64_t n = 0; n < first.size(); ++n) EXPECT_EQ(fib(n), first[n]) << "n = " << n;
}

TEST(Fib, KnowsLargeNumbers) {
  EXPECT_EQ(fib(30), 514'229U);
  EXPECT_EQ(fib(35), 5'702'887U);
}

TEST(Fib, NeighboursCostTheGoldenRatio) {
  const double ratio = cost_ratio(26, 25);
  EXPECT_GT(ratio, 1.3) << "folded, memoised or turned into a loop";
  EXPECT_LT(ratio, 2.0);
}

TEST(Fib, SixStepsCostEighteenTimesAsMuch) {
  const double ratio = cost_ratio(27, 21);
  EXPECT_GT(ratio, 12);
  EXPECT_LT(ratio, 26);
}

TEST(FibWorkload, ExpectsWhatIsKnown) {
  const Workload& workload = find_workload("fib");
  for (const auto& [n, value] : {std::pair{1, 0}, {2, 1}, {40, 63'245'986}, {41, 102'334'155}}) {
    const auto jobs = workload.jobs({workload.parameters, {{"n", n}, {"jobs", 3}, {"wait_ms", 7}}});
    ASSERT_EQ(jobs.size(), 3U);
    EXPECT_EQ(jobs[2].expected, static_cast<std::uint64_t>(value)) << "n = " << n;
    EXPECT_EQ(jobs[2].wait, std::chrono::milliseconds(7));
  }
}

TEST(FibWorkload, GrowsByItsStep) {
  const Workload& workload = find_workload("fib");
  const auto jobs = workload.jobs({workload.parameters, {{"n", 35}, {"n_step", 2}, {"jobs", 6}}});
  ASSERT_EQ(jobs.size(), 6U);
  for (std::uint64_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(jobs[i].argument, 35 + 2 * i);
    EXPECT_EQ(jobs[i].expected, fib_by_adding(35 + 2 * i));
  }
  EXPECT_THROW(workload.jobs({workload.parameters, {{"n", 35}, {"n_step", 2}, {"jobs", 7}}}),
               std::invalid_argument);
  EXPECT_EQ(workload.jobs({workload.parameters, {{"n", 45}, {"jobs", 100}}}).size(), 100U);
}

/// Every workload that has jobs, listed here or to come.
TEST(Jobs, AreCorrectOncePerformedAndNotBefore) {
  const std::map<std::string, std::map<std::string, std::int64_t>> small{
      {"fib", {{"n", 20}}}, {"counter", {{"limit", 1'000'000}}}, {"blocked", {{"limit", 1'000}}}};
  for (const Workload& workload : workloads()) {
    if (workload.jobs == nullptr) continue;
    const auto given = small.find(std::string(workload.name));
    auto jobs = workload.jobs(
        {workload.parameters, given == small.end() ? decltype(given->second){} : given->second});
    ASSERT_FALSE(jobs.empty()) << workload.name;
    for (Job& job : jobs) {
      EXPECT_FALSE(job.correct()) << workload.name;
      job.start();
      EXPECT_FALSE(job.correct()) << workload.name;
      job.perform();
      EXPECT_TRUE(job.correct()) << workload.name;
      EXPECT_LE(job.started, job.computing) << workload.name;
      EXPECT_LE(job.computing, job.finished) << workload.name;
    }
  }
}

TEST(Counter, CountsOneByOne) {
  const Workload& workload = find_workload("counter");
  const auto cpu_of = [&](std::int64_t limit) -> std::chrono::duration<double> {
    Job job = workload.jobs({workload.parameters, {{"limit", limit}}}).front();
    const auto begin = thread_cpu();
    job.perform();
    EXPECT_EQ(job.result, static_cast<std::uint64_t>(limit));
    return thread_cpu() - begin;
  };
  std::array<double, 9> ratios{};
  for (double& ratio : ratios) ratio = cpu_of(8'000'000) / cpu_of(1'000'000);
  std::ranges::nth_element(ratios, ratios.begin() + ratios.size() / 2);
  EXPECT_GT(ratios[ratios.size() / 2], 4) << "the loop was folded";
  EXPECT_LT(ratios[ratios.size() / 2], 16);
}

/// What each job waits, of jobs that do nothing else.
std::vector<std::int64_t> waits_ms(const char* name, std::map<std::string, std::int64_t> given) {
  const Workload& workload = find_workload(name);
  std::vector<std::int64_t> waits;
  for (const Job& job : workload.jobs({workload.parameters, given})) {
    EXPECT_EQ(job.compute, nullptr);
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(job.wait).count());
  }
  return waits;
}

using Waits = std::vector<std::int64_t>;

TEST(Sleep, OnlyWaits) {
  EXPECT_EQ(waits_ms("sleep", {}), Waits(10, 10));
}

TEST(Sleep, WaitsLongerByItsStep) {
  EXPECT_EQ(waits_ms("sleep", {{"jobs", 3}, {"wait_ms", 5}, {"step_ms", 20}}), (Waits{5, 25, 45}));
}

TEST(Ticker, HasDelaysAndThenTicks) {
  EXPECT_EQ(waits_ms("ticker", {}), (Waits{300, 400, 500, 100, 200, 300, 400, 500}));
  EXPECT_EQ(waits_ms("ticker", {{"jobs", 1}, {"ticks", 0}}), (Waits{300}));
}

TEST(Blocked, CountsAndThenOnlyWaits) {
  const Workload& workload = find_workload("blocked");
  const auto jobs = workload.jobs({workload.parameters, {{"jobs", 3}, {"wait_ms", 7}}});
  ASSERT_EQ(jobs.size(), 4U);
  for (const Job& job : std::span(jobs).first(3)) {
    EXPECT_NE(job.compute, nullptr);
    EXPECT_EQ(job.expected, 5'000'000U);
    EXPECT_EQ(job.wait, Duration{});
  }
  EXPECT_EQ(jobs.back().compute, nullptr);
  EXPECT_EQ(jobs.back().wait, std::chrono::milliseconds(7));
}

}  // namespace
}  // namespace contend
