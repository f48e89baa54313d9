// For the tests of `contend ab` as a program: it is started, and its exit code, its comparison and
// its folder are looked at.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/ab/ab_result.hpp"
#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::testing {

class AbProgramTest : public ::testing::Test {
 protected:
  static constexpr Duration patience = std::chrono::seconds(100);

  /// `contend ab`, its folder within one of the test's own.
  std::vector<std::string> ab_arguments(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{CONTEND_BINARY, "ab", "--out", out()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::unique_ptr<Child> start(const std::vector<std::string>& arguments) {
    return std::make_unique<Child>(guard_, Command{.arguments = arguments});
  }
  /// The exit code; what was printed as JSON is in `result_`.
  int code_of(Child& child) {
    try {
      result_ = ab::parse_ab_result(child.read(Clock::now() + patience, {}, {}), "stdout");
    } catch (const ChildFailure&) {
      result_.reset();
    }
    const Ending ending = child.wait(Clock::now() + patience);
    EXPECT_EQ(ending.kind, Ending::Kind::exited) << ending.text();
    complaint_ = child.stderr_text();
    return ending.number;
  }
  std::string text_of(Child& child) {
    std::string all;
    try {
      for (;;) all += child.read_line(Clock::now() + patience, {}, {}) + "\n";
    } catch (const ChildFailure&) {
    }
    child.wait(Clock::now() + patience);
    return all;
  }
  std::string out() const { return folder_.path() / "out"; }
  std::filesystem::path latest() const { return folder_.path() / "out" / "latest"; }
  void expect_valid() {
    Child validator(guard_, {.arguments = {"/usr/bin/python3",
                                           CONTEND_SOURCE_DIR "/scripts/validate.py", latest()}});
    EXPECT_TRUE(validator.wait(Clock::now() + patience).clean()) << validator.stderr_text();
  }

  /// What is said of a metric of a cell, of the newest `result_`.
  const ab::Comparison& comparison_of(const std::string& cell, const std::string& metric) const {
    for (const ab::Comparison& one : result_.value().comparisons)
      if (one.cell == cell && one.metric == metric) return one;
    throw std::runtime_error("no comparison of " + metric + " of " + cell);
  }

  TemporaryFolder folder_;
  Guard guard_;
  std::optional<ab::AbResult> result_;
  std::string complaint_;
};

}  // namespace contend::testing
