// Conformance of every engine's `run` role: jobs are done, rightly, and when they say.
#include "engines/test_engines.hpp"
#include "workloads/fib.hpp"

namespace contend::test {
namespace {

class Run : public RoleTest<&Engine::run> {
 protected:
  TestHost::End run(const std::string& workload, const std::vector<std::string>& settings) const {
    return host(workload, settings).wait();
  }
  TestHost host(const std::string& workload, const std::vector<std::string>& settings) const {
    std::vector<std::string> more;
    for (const std::string& setting : settings) more.insert(more.end(), {"--set", setting});
    return TestHost(command("run", workload, more));
  }
  /// All jobs were done once, in the right order of events, waiting as long as they should.
  static void check(const TestHost::End& end, std::size_t jobs, std::uint64_t result,
                    Duration wait) {
    ASSERT_EQ(end.status, 0);
    ASSERT_FALSE(end.report.is_null());
    EXPECT_EQ(end.report.at("expected"), jobs);
    EXPECT_TRUE(end.left.empty());
    ASSERT_EQ(end.report.at("spans").size(), jobs);
    for (const auto& span : end.report.at("spans")) {
      ASSERT_TRUE(span.at("ok").get<bool>()) << span;
      EXPECT_EQ(span.at("result"), result);
      const std::int64_t start = span.at("start_ns"), compute = span.at("compute_ns"),
                         finish = span.at("finish_ns");
      EXPECT_GE(start, 0);
      EXPECT_GE(compute - start, wait / 1ns);
      EXPECT_GE(finish, compute);
      EXPECT_LE(finish, end.report.at("wall_ns").get<std::int64_t>());
    }
  }
};
CONTEND_FOR_EVERY_ENGINE(Run);

TEST_P(Run, Computes) {
  check(run("fib", {"n=20", "jobs=7"}), 7, 4181, 0ms);
  check(run("counter", {"limit=100000", "jobs=3"}), 3, 100'000, 0ms);
}

TEST_P(Run, WaitsAndThenComputes) {
  check(run("fib", {"n=10", "jobs=3", "wait_ms=30"}), 3, 34, 30ms);
}

TEST_P(Run, PerformsJobsThatDiffer) {
  const auto end = run("fib", {"n=10", "n_step=2", "jobs=3"});
  ASSERT_EQ(end.status, 0);
  ASSERT_EQ(end.report.at("spans").size(), 3U);
  for (std::size_t lane = 0; lane < 3; ++lane) {
    EXPECT_EQ(end.report.at("spans").at(lane).at("lane"), lane);
    EXPECT_EQ(end.report.at("spans").at(lane).at("result"), fib_by_adding(10 + 2 * lane));
  }
}

TEST_P(Run, DoesNotForgetADelayBesideComputations) {
  const auto end = run("blocked", {"limit=1000000", "jobs=2", "wait_ms=1"});
  ASSERT_EQ(end.status, 0);
  ASSERT_EQ(end.report.at("spans").size(), 3U);
  for (const auto& span : end.report.at("spans")) EXPECT_TRUE(span.at("ok").get<bool>()) << span;
}

TEST_P(Run, PerformsManyJobs) {
  check(run("fib", {"n=2", "jobs=500"}), 500, 1, 0ms);
}

TEST_P(Run, SleepsAtTheSameTimeOrOneByOne) {
  constexpr Duration wait = 100ms;
  const auto end = run("sleep", {"jobs=20", "wait_ms=" + std::to_string(wait / 1ms)});
  check(end, 20, 0, wait);
  const auto wall = std::chrono::nanoseconds(end.report.at("wall_ns").get<std::int64_t>());
  if (engine().concurrent) {
    EXPECT_LT(wall, 20 * wait);
  } else {
    EXPECT_GE(wall, 20 * wait);
  }
}

TEST_P(Run, DoesNotCountTheMemoryOfWhoStartedIt) {
  constexpr std::int64_t mib = 1 << 20;
  const std::vector<char> ours(300 * mib, 1);
  const auto end = run("fib", {"n=2", "jobs=1"});
  EXPECT_GT(end.report.at("peak_rss_bytes"), mib);
  EXPECT_LT(end.report.at("peak_rss_bytes"), 250 * mib) << ours.size();
}

TEST_P(Run, EndsInTimeThoughAJobWouldNot) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP()
      << "the thread sanitizer holds signals back until a call that it knows; fib makes none";
#endif
  TestHost runner = host("fib", {"n=45", "jobs=3"});
  ASSERT_TRUE(eventually([&] { return catches(runner.pid(), SIGTERM); }));
  const auto end = runner.stop();
  EXPECT_LT(end.took, 1s * sanitizer_factor);
  EXPECT_TRUE(end.left.empty());
}

TEST_P(Run, EndsWhenToldTo) {
  TestHost runner = host("sleep", {"jobs=3", "wait_ms=30000"});
  ASSERT_TRUE(eventually([&] { return catches(runner.pid(), SIGTERM); }));
  const auto end = runner.stop();
  EXPECT_EQ(end.status, 0);
  EXPECT_LT(end.took, 1s * sanitizer_factor);
  EXPECT_TRUE(end.left.empty());
  ASSERT_FALSE(end.report.is_null());
  ASSERT_EQ(end.report.at("spans").size(), 3U);
  for (const auto& span : end.report.at("spans")) {
    EXPECT_TRUE(span.at("finish_ns").is_null());
    EXPECT_FALSE(span.at("ok").get<bool>());
  }
}

}  // namespace
}  // namespace contend::test
