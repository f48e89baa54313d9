// `contend course` as a program: what it measures, says, writes and refuses. Items whose times come
// from clocks alone, so that what they claim holds on a busy machine, too.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class CourseCommandTest : public ::testing::Test {
 protected:
  std::unique_ptr<Child> course(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {CONTEND_BINARY, "course", "--rounds", "1", "--out", out()});
    return std::make_unique<Child>(guard_, Command{.arguments = std::move(arguments)});
  }
  std::string out() const { return folder_.path() / "out"; }

  testing::TemporaryFolder folder_;
  Guard guard_;
};

TEST_F(CourseCommandTest, MeasuresItsItemsAndJudgesTheirClaims) {
  const auto child = course({"--items", "ticker,cancelling", "--scale", "0.05", "--engines",
                             "blocking,poll,epoll", "--json"});
  const json said = child->read(Clock::now() + 60s, {}, {});
  EXPECT_TRUE(child->wait(Clock::now() + 10s).clean()) << child->stderr_text();
  ASSERT_EQ(said["items"].size(), 2U);
  EXPECT_EQ(said["items"][0]["rows"].size(), 3U);
  EXPECT_EQ(said["items"][1]["rows"].size(), 6U);
  std::size_t holds = 0;
  for (const json& item : said["items"])
    for (const json& claim : item["claims"]) {
      EXPECT_NE(claim["verdict"], "fails") << claim;
      holds += claim["verdict"] == "holds" ? 1 : 0;
    }
  EXPECT_EQ(holds, 6U);
  const auto latest = std::filesystem::path(out()) / "latest";
  EXPECT_GT(std::filesystem::file_size(latest / "course.md"), 500U);
  Child validator(guard_, {.arguments = {"/usr/bin/python3",
                                         CONTEND_SOURCE_DIR "/scripts/validate.py", latest}});
  EXPECT_TRUE(validator.wait(Clock::now() + 60s).clean()) << validator.stderr_text();
}

TEST_F(CourseCommandTest, RefusesAnItemThatItDoesNotHave) {
  const auto child = course({"--items", "cooking"});
  EXPECT_EQ(child->wait(Clock::now() + 10s).number, 2);
  EXPECT_NE(child->stderr_text().find("no item 'cooking'; there are fib, gets"), std::string::npos)
      << child->stderr_text();
  EXPECT_FALSE(std::filesystem::exists(out()));
}

}  // namespace
}  // namespace contend
