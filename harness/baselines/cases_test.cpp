// The cases whose instructions are counted: each is right, as often as it is done, and the program
// says so. Whether they are the same to the instruction is tested where they are counted
// (harness/ab/counting_test.cpp).
#include "harness/baselines/cases.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::complains;

using testing::patience;
const std::string program = CONTEND_CASES_BINARY;

TEST(Cases, AreRightAsOftenAsTheyAreDone) {
  std::set<std::string_view> names;
  for (const CountedCase& one : counted_cases()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_FALSE(one.summary.empty()) << one.name;
    const auto work = find_case(one.name).prepare();
    for (int i = 0; i < 3; ++i) EXPECT_NO_THROW(work()) << one.name;
  }
  EXPECT_EQ(names.size(), 5U);
  EXPECT_TRUE(complains([] { find_case("speed"); }, "there are fib, counter, http_parser"));
}

class CasesProgramTest : public ::testing::Test {
 protected:
  /// What it prints, and its exit code.
  std::pair<std::string, int> run(const std::vector<std::string>& words) {
    std::vector<std::string> arguments{program};
    arguments.insert(arguments.end(), words.begin(), words.end());
    Child child(guard_, {.arguments = arguments});
    std::string said;
    try {
      said = child.read_all(Clock::now() + patience, {});
    } catch (const ChildFailure& failure) {
      said = failure.what();
    }
    return {said, child.wait(Clock::now() + patience).number};
  }
  Guard guard_;
};

TEST_F(CasesProgramTest, ListsAndDoesEach) {
  const auto [listed, code] = run({"list"});
  EXPECT_EQ(code, 0);
  const json list = json::parse(listed);
  EXPECT_TRUE(list.at("can_be_counted").is_boolean());
  ASSERT_EQ(list.at("cases").size(), counted_cases().size());
  for (const json& one : list.at("cases")) {
    const std::string name = one.at("name");
    EXPECT_EQ(one.at("summary"), find_case(name).summary);
    EXPECT_EQ(run({name}), std::pair(json{{"done", name}}.dump() + "\n", 0));
  }
}

TEST_F(CasesProgramTest, RefusesWrongUse) {
  EXPECT_EQ(run({}).second, 2);
  EXPECT_EQ(run({"fib", "counter"}).second, 2);
  const auto [said, code] = run({"speed"});
  EXPECT_EQ(code, 2);
  EXPECT_NE(said.find("no case 'speed'"), std::string::npos) << said;
}

}  // namespace
}  // namespace contend
