// `contend ab` as a program: its exit codes, its folder, and what it says of wrong use.
#include "harness/ab/command.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "engines/exit_codes.hpp"
#include "harness/ab/command_testing.hpp"
#include "harness/base/files.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/json.hpp"
#include "harness/bench/result_folder.hpp"

namespace contend::ab {
namespace {

using namespace std::chrono_literals;
using contend::testing::eventually;
using nlohmann::json;

// Long enough for a dozen pairs of slices, on a machine that has other things to do.
const std::string some_time = "6s";
constexpr const char* too_slow = "a sanitizer is too slow for a dozen pairs of slices";
const std::string engine = CONTEND_ENGINE_BINARY;
const std::string misbehaving = CONTEND_SOURCE_DIR "/harness/bench/misbehaving_host.py";
constexpr const char* fib = R"({"name": "tiny", "rounds": 1, "cells": [
  {"workload": "fib", "engines": ["epoll"], "parameters": {"n": 22, "jobs": 10}}]})";
constexpr const char* echo = R"({"name": "tiny", "rounds": 1, "cells": [
  {"workload": "echo", "engines": ["epoll", "threads"], "connections": [4], "warmup_ms": 5}]})";

class AbCommandTest : public contend::testing::AbProgramTest {
 protected:
  std::unique_ptr<Child> ab(const std::string& base, const std::string& head, const char* suite,
                            const std::vector<std::string>& more) {
    std::vector<std::string> arguments =
        ab_arguments({"--base", base, "--head", head, "--suite", folder_.file("tiny.json", suite),
                      "--noise", "100"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return start(arguments);
  }
  using AbProgramTest::code_of;
  int code_of(const std::string& base, const std::string& head, const char* suite,
              std::vector<std::string> more) {
    more.emplace_back("--json");
    return code_of(*ab(base, head, suite, more));
  }
};

TEST_F(AbCommandTest, ExitsWithOneWhereSomethingRegressed) {
  if (contend::testing::is_sanitized) GTEST_SKIP() << too_slow;
  const int code =
      code_of(engine, engine + " --slow-percent 100", fib,
              {"--budget", some_time, "--metrics", "cpu_ns_per_operation", "--seed", "3"});
  EXPECT_EQ(code, exit_failed) << complaint_;
  ASSERT_TRUE(result_);
  ASSERT_EQ(result_->comparisons.size(), 1U);
  const Comparison& comparison = result_->comparisons[0];
  EXPECT_EQ(comparison.verdict, Verdict::regressed);
  EXPECT_TRUE(comparison.confirmed);
  EXPECT_GT(comparison.ratio->estimate, 1.5);
  EXPECT_EQ(result_->run.seed, 3U);
  EXPECT_TRUE(result_->run.complete);
  EXPECT_EQ(result_->head.command.size(), 3U);
  EXPECT_FALSE(result_->base.sha256->empty());

  // All of it is on disk, slice by slice.
  expect_valid();
  const std::string file = latest() / "ab.json";
  EXPECT_EQ(to_json(parse_ab_result(parse_json(content_of(file), file), file)), to_json(*result_));
  const Result head = ResultFolder::open(latest() / "head").result();
  EXPECT_EQ(head.samples.size(), result_->cells[0].head.good + result_->cells[0].head.failed);
  EXPECT_GE(head.samples.size(), comparison.pairs);
  EXPECT_TRUE(head.samples[0].metrics.contains("foreign_cpu_share"));
}

TEST_F(AbCommandTest, ExitsWithZeroWhereNothingRegressed) {
  if (contend::testing::is_sanitized) GTEST_SKIP() << too_slow;
  // A band so wide that no noise of a machine leaves it.
  const std::vector<std::string> wide{"--budget",   some_time,
                                      "--smallest", "cpu_ns_per_operation=90",
                                      "--metrics",  "cpu_ns_per_operation"};
  EXPECT_EQ(code_of(engine, engine, fib, wide), 0) << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->verdict(), Verdict::unchanged);
  EXPECT_EQ(code_of(engine + " --slow-percent 900", engine, fib,
                    {"--budget", some_time, "--metrics", "cpu_ns_per_operation"}),
            0)
      << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->verdict(), Verdict::improved);
}

TEST_F(AbCommandTest, ExitsWithThreeWhereItCanNotTell) {
  const std::vector<std::string> short_time{"--budget", "1ms"};
  EXPECT_EQ(code_of(engine, engine, fib, short_time), exit_no_verdict) << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->verdict(), Verdict::invalid);
  EXPECT_NE(result_->comparisons[0].reason->find("too few"), std::string::npos);
  EXPECT_EQ(code_of(engine, engine, fib, {"--budget", "1ms", "--inconclusive-ok"}), 0);
}

TEST_F(AbCommandTest, KeepsAComparisonWhoseNameIsNotUtf8) {
  EXPECT_EQ(code_of(engine, engine, fib,
                    {"--budget", "1ms", "--inconclusive-ok", "--base-name", "v1\xff\xfe",
                     "--head-name", "\xc3"}),
            0)
      << complaint_;
  ASSERT_TRUE(result_) << complaint_;
  EXPECT_EQ(result_->base.name, "v1\uFFFD\uFFFD");
  EXPECT_EQ(result_->head.name, "\uFFFD");
  expect_valid();
}

TEST_F(AbCommandTest, ExitsWithTwoWhereItIsUsedWronglyOrNothingWorks) {
  const auto refused = [&](const std::string& base, const std::string& head,
                           std::vector<std::string> more, const char* why) {
    EXPECT_EQ(code_of(base, head, fib, std::move(more)), 2) << why;
    EXPECT_NE(complaint_.find(why), std::string::npos) << complaint_;
  };
  refused("/nowhere/engine", engine, {}, "no host program");
  refused(engine, "", {}, "--head: the value is empty");
  refused(engine, engine, {"--budget", "soon"}, "soon");
  refused(engine, "'unclosed", {}, "has no end");
  refused(engine, "false", {}, "exit code 1 before it said");
  refused(engine, "no-such-program-at-all", {}, "no-such-program-at-all");
  refused(engine, engine, {"--metrics", "speed"}, "no metric");
  refused(engine, engine, {"--smallest", "wall_ns"}, "NAME=PERCENT");
  refused(engine, engine, {"--workloads", "echo"}, "no cell for these");
  refused(engine, misbehaving, {}, "in common");
}

TEST_F(AbCommandTest, ExitsWithTwoWhereAHostFailsAlways) {
  constexpr const char* crashes = R"({"name": "tiny", "rounds": 1, "cells": [
    {"workload": "sleep", "engines": ["crashes"], "parameters": {"jobs": 2}}]})";
  EXPECT_EQ(code_of(misbehaving, misbehaving, crashes, {"--budget", some_time}), 2);
  EXPECT_NE(complaint_.find("no slice of"), std::string::npos) << complaint_;
}

TEST_F(AbCommandTest, PrintsATableOfServers) {
  if (contend::testing::is_sanitized) GTEST_SKIP() << too_slow;
  const auto child = ab(engine, engine, echo, {"--budget", "10s", "--slice", "30ms"});
  const std::string all = text_of(*child);
  for (const char* part :
       {"verdict", "echo/epoll/4", "latency_p99_ns", "memory_bytes", "All is in"})
    EXPECT_NE(all.find(part), std::string::npos) << part << " in\n" << all;
  EXPECT_EQ(all.find('\x1b'), std::string::npos) << "colour, though this is no terminal";
  expect_valid();
}

TEST_F(AbCommandTest, KeepsWhatWasMeasuredWhenInterrupted) {
  const auto child = ab(engine, engine, echo, {"--budget", "60s", "--slice", "30ms", "--json"});
  const auto slices = [&] {
    std::error_code missing;
    for (const auto& run : std::filesystem::directory_iterator(out(), missing)) {
      const auto file = run.path() / "head" / "samples.jsonl";
      if (std::filesystem::exists(file) && std::filesystem::file_size(file) > 0) return true;
    }
    return false;
  };
  ASSERT_TRUE(eventually(slices));
  kill(child->pid(), SIGINT);
  EXPECT_EQ(code_of(*child), exit_interrupted);
  ASSERT_TRUE(result_);
  EXPECT_FALSE(result_->run.complete);
  expect_valid();
}

}  // namespace
}  // namespace contend::ab
