// `contend ab --instructions`: the list of cases, and as a program with real counts of real cases
// and of some that misbehave.
#include "harness/ab/counting.hpp"

#include "engines/exit_codes.hpp"
#include "harness/ab/command_testing.hpp"
#include "harness/base/json.hpp"
#include "harness/bench/result_folder.hpp"
#include "harness/testing/json_testing.hpp"

namespace contend::ab {
namespace {

using contend::testing::complains;
using nlohmann::json;

const std::filesystem::path build = std::filesystem::path(CONTEND_BINARY).parent_path();
const std::string cases = build / "contend-cases", misbehaving_cases = build / "misbehaving-cases";

json some_list() {
  return {{"cases",
           {{{"name", "fib"}, {"summary", "calls"}}, {{"name", "http_parser"}, {"summary", ""}}}},
          {"can_be_counted", true}};
}

TEST(CaseList, IsReadStrictly) {
  const std::vector<Listed> list = parse_case_list(some_list(), "p");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].name, "http_parser");
  EXPECT_EQ(list[0].summary, "calls");
  const auto refused = [](const char* patch, const char* why) {
    EXPECT_TRUE(
        complains([&] { parse_case_list(some_list().patch(json::parse(patch)), "p"); }, why));
  };
  refused(R"([{"op": "replace", "path": "/can_be_counted", "value": false}])",
          "install valgrind and build it again");
  refused(R"([{"op": "replace", "path": "/cases", "value": []}])", "cases: must not be empty");
  refused(R"([{"op": "add", "path": "/other", "value": 1}])", "other");
  refused(R"([{"op": "add", "path": "/cases/0/other", "value": 1}])", "other");
  refused(R"([{"op": "replace", "path": "/cases/0/name", "value": "a b"}])", "name");
  refused(R"([{"op": "replace", "path": "/cases/0/name", "value": ""}])", "name");
  refused(R"([{"op": "replace", "path": "/cases/1/name", "value": "fib"}])", "another one each");
}

TEST(CaseList, GivesFitNamesHoweverItIsChanged) {
  JsonChanger changer(some_list(), 2);
  const json values[] = {nullptr,
                         true,
                         false,
                         1,
                         "",
                         "a/b",
                         "fib",
                         "ok",
                         json::array(),
                         json::object(),
                         {{"name", "x"}, {"summary", "y"}}};
  std::size_t read = 0, complained = 0;
  for (int i = 0; i < 5'000; ++i) {
    const json list = changer.changed(
        [&](std::mt19937_64& generator) {
          return values[uniform_below(generator, std::size(values))];
        },
        2);
    try {
      for (const Listed& one : parse_case_list(list, "p"))
        EXPECT_TRUE(one.name == "fib" || one.name == "http_parser" || one.name == "ok" ||
                    one.name == "x")
            << list.dump();
      read += 1;
    } catch (const std::invalid_argument&) {
      complained += 1;
    }
  }
  EXPECT_GT(read, 100U);
  EXPECT_GT(complained, 100U);
}

TEST(CasesProgram, IsBesideTheEngineOrItself) {
  EXPECT_EQ(cases_program("old/contend-engine"), "old/contend-cases");
  EXPECT_EQ(cases_program("contend-engine"), "contend-cases");
  EXPECT_EQ(cases_program("old/contend-cases"), "old/contend-cases");
  EXPECT_EQ(cases_program("old/mine"), "old/mine");
}

class CountingTest : public contend::testing::AbProgramTest {
 protected:
  std::vector<std::string> instructions(const std::string& base, const std::string& head,
                                        const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments =
        ab_arguments({"--instructions", "--base", base, "--head", head});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  int count(const std::string& base, const std::string& head,
            const std::vector<std::string>& more = {"--json"}) {
    return code_of(*start(instructions(base, head, more)));
  }
};

/// Of what really counts. A sanitizer's code can't run under valgrind.
class RealCountingTest : public CountingTest {
 protected:
  void SetUp() override {
    if (contend::testing::is_sanitized)
      GTEST_SKIP() << "valgrind can't run what is built with sanitizers";
    if (!start({"sh", "-c", "command -v valgrind"})->wait(Clock::now() + patience).clean())
      GTEST_SKIP() << "valgrind is not here";
    Child list(guard_, {.arguments = {cases, "list"}});
    if (!list.read(Clock::now() + patience, {}, {}).at("can_be_counted").get<bool>())
      GTEST_SKIP() << "valgrind/callgrind.h was not here when contend-cases was built";
  }
};

TEST_F(RealCountingTest, CountsTheSameToTheInstructionWhereverTheProgramLies) {
  const std::filesystem::path other = folder_.path() / "a-folder-with-a-longer-name";
  std::filesystem::create_directory(other);
  std::filesystem::copy(cases, other / "contend-cases");
  // As an engine beside which it lies.
  EXPECT_EQ(count(other / "contend-engine", CONTEND_ENGINE_BINARY), 0) << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->run.suite, "instructions");
  EXPECT_TRUE(result_->run.complete);
  ASSERT_EQ(result_->comparisons.size(), 5U);
  for (const Comparison& one : result_->comparisons) {
    EXPECT_EQ(one.verdict, Verdict::unchanged) << one.cell;
    EXPECT_EQ(one.base, one.head) << one.cell;
    EXPECT_EQ(one.pairs, 2U);
    EXPECT_GT(one.base.value(), 1e6) << one.cell;
    EXPECT_LT(one.base.value(), 2e7) << one.cell;
  }
  // Three a step (add, compare, jump), and little else.
  EXPECT_NEAR(comparison_of("counter/contend-cases", "instructions").base.value(), 3e6, 1000);
  expect_valid();
  EXPECT_EQ(ResultFolder::open(latest() / "head").result().samples.size(), 10U);
}

TEST_F(RealCountingTest, JudgesAndTellsWhatIsNotAsItShouldBe) {
  EXPECT_EQ(count(cases, misbehaving_cases), exit_failed) << complaint_;
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->comparisons.size(), 4U) << "http_client and only_here are on one side only";
  const auto verdict = [&](const char* cell) {
    return comparison_of(cell, "instructions").verdict;
  };
  const auto reason = [&](const char* cell) {
    return comparison_of(cell, "instructions").reason.value_or("");
  };
  EXPECT_EQ(verdict("fib/contend-cases"), Verdict::unchanged);
  EXPECT_EQ(verdict("counter/contend-cases"), Verdict::regressed);
  EXPECT_NEAR(comparison_of("counter/contend-cases", "instructions").ratio->estimate, 2, 0.01);
  EXPECT_EQ(verdict("http_parser/contend-cases"), Verdict::invalid);
  EXPECT_TRUE(reason("http_parser/contend-cases").starts_with("head: it is not the same each time"))
      << reason("http_parser/contend-cases");
  EXPECT_EQ(verdict("histogram/contend-cases"), Verdict::invalid);
  EXPECT_NE(reason("histogram/contend-cases").find("histogram: 3 in place of 4"), std::string::npos)
      << reason("histogram/contend-cases");
  expect_valid();

  Child stored(guard_, {.arguments = {CONTEND_BINARY, "compare", latest() / "base",
                                      latest() / "head", "--json"}});
  const std::optional<AbResult> before = result_;
  EXPECT_EQ(code_of(stored), exit_failed);
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->count(Verdict::regressed), before->count(Verdict::regressed));

  EXPECT_EQ(count(misbehaving_cases, cases, {"--workloads", "counter", "--json"}), 0);
  EXPECT_EQ(result_->verdict(), Verdict::improved);
  EXPECT_EQ(count(cases, misbehaving_cases,
                  {"--workloads", "counter", "--smallest", "instructions=99.9", "--json"}),
            exit_failed);
  EXPECT_EQ(count(cases, misbehaving_cases, {"--workloads", "http_parser", "--json"}),
            exit_no_verdict);
  EXPECT_EQ(count(cases, misbehaving_cases,
                  {"--workloads", "http_parser", "--inconclusive-ok", "--json"}),
            0);
}

TEST_F(RealCountingTest, PrintsATableThatSaysWhatItIsBlindTo) {
  const std::string all = text_of(*start(instructions(cases, misbehaving_cases)));
  for (const char* part : {"REGRESSED", "counter/contend-cases", "instructions", "All is in",
                           "blind to the kernel, to caches and to waiting"})
    EXPECT_NE(all.find(part), std::string::npos) << part << " in\n" << all;
}

TEST_F(RealCountingTest, ExitsWithTwoWhereNothingIsCounted) {
  EXPECT_EQ(count(cases, misbehaving_cases, {"--workloads", "histogram"}), 2);
  EXPECT_NE(complaint_.find("no slice of"), std::string::npos) << complaint_;
  const std::string script =
      folder_.file("script", "#!/bin/sh\n[ $1 = list ] && echo '" + some_list().dump() +
                                 "' || echo '{\"done\": \"'$1'\"}'\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  EXPECT_EQ(count(cases, script, {"--workloads", "fib"}), 2);
  EXPECT_NE(complaint_.find("counted nothing"), std::string::npos) << complaint_;
}

TEST_F(CountingTest, ExitsWithTwoWhereItIsUsedWrongly) {
  const auto refused = [&](const std::vector<std::string>& arguments, const char* why) {
    EXPECT_EQ(code_of(*start(arguments)), 2) << why;
    EXPECT_NE(complaint_.find(why), std::string::npos) << complaint_;
  };
  std::vector<std::string> without{"env", "PATH=/nowhere"};
  const std::vector<std::string> usual = instructions(cases, cases);
  without.insert(without.end(), usual.begin(), usual.end());
  refused(without, "apt-get install valgrind");
  refused(instructions(cases, cases, {"--budget", "4m"}), "--budget");
  refused(instructions(cases, cases, {"--suite", "ab"}), "--suite");
}

TEST_F(RealCountingTest, ExitsWithTwoWhereAProgramIsWrong) {
  const auto refused = [&](const std::string& base, const std::vector<std::string>& more,
                           const char* why) {
    EXPECT_EQ(count(base, cases, more), 2) << why;
    EXPECT_NE(complaint_.find(why), std::string::npos) << complaint_;
  };
  refused("/nowhere/contend-engine", {}, "no program '/nowhere/contend-cases'");
  refused("/bin/true", {}, "/bin/true list");
  refused("/bin/false", {}, "exit code 1");
  refused(cases, {"--workloads", "speed"}, "nothing called 'speed'");
  refused(cases, {"--metrics", "wall_ns"}, "has the metric wall_ns");
}

}  // namespace
}  // namespace contend::ab
