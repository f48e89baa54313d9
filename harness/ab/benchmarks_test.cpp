// `contend ab --micro` as a program: with benchmarks of known times and faults, and with real ones.
#include "harness/ab/benchmarks.hpp"

#include "engines/exit_codes.hpp"
#include "harness/ab/command_testing.hpp"
#include "harness/base/json.hpp"
#include "harness/bench/result_folder.hpp"

namespace contend::ab {
namespace {

const std::string known = CONTEND_SOURCE_DIR "/harness/ab/misbehaving_benchmarks.py";

class BenchmarksTest : public contend::testing::AbProgramTest {
 protected:
  /// A program that calls the one of known times with these words.
  std::string program(const char* name, const std::string& words) const {
    const std::string path =
        folder_.file(name, "#!/bin/sh\nexec " + known + " " + words + " \"$@\"\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  int micro(const std::string& base, const std::string& head,
            const std::vector<std::string>& more) {
    std::vector<std::string> arguments =
        ab_arguments({"--micro", "--base", base, "--head", head, "--json"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return code_of(*start(arguments));
  }
  const std::vector<std::string> brief_{"--budget", "8s",          "--noise",
                                        "100",      "--workloads", "steady,family/8<int>"};
};

TEST_F(BenchmarksTest, ExitsWithOneWhereOneCostsMore) {
  const int code =
      micro(program("base", "--without crashes"), program("head", "--times 1.1"), brief_);
  EXPECT_EQ(code, exit_failed) << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->run.suite, "micro");
  ASSERT_EQ(result_->cells.size(), 2U);
  EXPECT_EQ(result_->cells[0].id, "steady/head");
  EXPECT_EQ(result_->cells[1].id, "family.8_int_/head");
  EXPECT_EQ(result_->comparisons.size(), 4U);
  for (const Comparison& one : result_->comparisons) {
    EXPECT_EQ(one.verdict, Verdict::regressed) << one.cell << " " << one.metric;
    EXPECT_NEAR(one.ratio->estimate, 1.1, 1e-9);
  }
  EXPECT_DOUBLE_EQ(comparison_of("steady/head", "cpu_ns_per_operation").base.value(), 100);
  EXPECT_DOUBLE_EQ(comparison_of("steady/head", "throughput_per_s").head.value(), 1e9 / 110);
  expect_valid();
  const Result head = ResultFolder::open(latest() / "head").result();
  EXPECT_EQ(head.workloads.at(1).summary, "family/8<int>");
  EXPECT_TRUE(head.samples.at(0).metrics.contains("foreign_cpu_share"));

  Child again(guard_, {.arguments = {CONTEND_BINARY, "compare", latest() / "base",
                                     latest() / "head", "--json"}});
  // What it makes of a noisy machine's slices is not for this test; which it judges is.
  code_of(again);
  ASSERT_TRUE(result_);
  ASSERT_EQ(result_->comparisons.size(), 4U);
  EXPECT_EQ(result_->comparisons[0].metric, "throughput_per_s");
  EXPECT_EQ(result_->comparisons[1].metric, "cpu_ns_per_operation");
}

TEST_F(BenchmarksTest, ExitsWithZeroWhereAllIsAsItWas) {
  EXPECT_EQ(micro(known, known, brief_), 0) << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->verdict(), Verdict::unchanged);
}

TEST_F(BenchmarksTest, TellsWhatIsWrongWithABenchmark) {
  const std::vector<std::string> all{"--budget", "12s", "--noise", "100"};
  EXPECT_EQ(micro(known, program("head", "--without steady"), all), exit_no_verdict);
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->cells.size(), 4U);
  const auto reason = [&](const char* cell) {
    const Comparison& one = comparison_of(cell, "cpu_ns_per_operation");
    EXPECT_EQ(one.verdict, Verdict::invalid);
    return one.reason.value_or("");
  };
  const auto expect = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  expect(reason("fails/head"), "fails says: no such table");
  expect(reason("crashes/head"), "ended with exit code 3 before it was done: out of luck");
  expect(reason("talks/head"), "the report of talks");
  const Comparison& good = comparison_of("family.8_int_/head", "throughput_per_s");
  EXPECT_NE(good.verdict, Verdict::invalid) << good.reason.value_or("");
}

TEST_F(BenchmarksTest, ExitsWithTwoWhereItIsUsedWronglyOrNothingWorks) {
  const auto refused = [&](const std::string& base, const std::string& head,
                           const std::vector<std::string>& more, const char* why) {
    EXPECT_EQ(micro(base, head, more), 2) << why;
    EXPECT_NE(complaint_.find(why), std::string::npos) << complaint_;
  };
  refused("/nowhere/benchmark", known, {}, "no program '/nowhere/benchmark'");
  refused(known, "", {}, "--head: the value is empty");
  refused(known, known, {"--suite", "ab"}, "--suite");
  refused(known, known, {"--instructions"}, "--instructions");
  refused(known, known, {"--metrics", "wall_ns"}, "has the metric wall_ns");
  refused(known, known, {"--workloads", "other"}, "nothing called 'other' is in both");
  refused(known, CONTEND_ENGINE_BINARY, {}, "contend-engine --benchmark_list_tests=true ended");
  refused(known, "/bin/true", {}, "lists no benchmark");
  refused(known, known, {"--workloads", "crashes", "--budget", "20s"}, "no slice of");
}

TEST_F(BenchmarksTest, MeasuresRealOnes) {
  const std::filesystem::path folder = std::filesystem::path(CONTEND_BINARY).parent_path();
  const std::string real = folder / "histogram_benchmark";
  if (!std::filesystem::exists(real))
    GTEST_SKIP() << "micro-benchmarks are built without sanitizers only";
  // A band so wide that no noise of a machine leaves it.
  EXPECT_EQ(micro(real, real,
                  {"--budget", "15s", "--noise", "100", "--slice", "30ms", "--smallest",
                   "cpu_ns_per_operation=95", "--metrics", "cpu_ns_per_operation"}),
            0)
      << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->cells.size(), 3U);
  const double cost =
      comparison_of("record/histogram_benchmark", "cpu_ns_per_operation").base.value();
  EXPECT_GT(cost, 0.1);
  EXPECT_LT(cost, 10'000);
  expect_valid();
}

}  // namespace
}  // namespace contend::ab
