// How rates that change are written.
#include "harness/load/schedule/stages.hpp"

#include <gtest/gtest.h>

#include <random>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;
using testing::complains;

TEST(Ramp, IsALine) {
  const std::vector<Stage> line{{.duration = 60s, .from_per_s = 100, .to_per_s = 5000}};
  EXPECT_EQ(parse_ramp("100:5000:1m"), line);
}

TEST(Ramp, IsStepsWhereTheirNumberIsSaid) {
  const std::vector<Stage> steps{{.duration = 2s, .from_per_s = 0, .to_per_s = 0},
                                 {.duration = 2s, .from_per_s = 50, .to_per_s = 50},
                                 {.duration = 2s, .from_per_s = 100, .to_per_s = 100}};
  EXPECT_EQ(parse_ramp("0:100:6s:3"), steps);
}

TEST(Ramp, SaysWhatIsWrongWithIt) {
  for (const char* text : {"", "1", "1:2", "1:x:3s", "-1:2:3s", "nan:1:1s", "1:2:3s:", "1:2:0s"})
    EXPECT_TRUE(
        complains([&] { parse_ramp(text); }, text == std::string("1:2:3s:") ? "" : "is no ramp"))
        << text;
  EXPECT_TRUE(complains([] { parse_ramp("1:2:3s:1"); }, "no number of steps from 2"));
  EXPECT_TRUE(complains([] { parse_ramp("1:2:3s:4:5"); }, "'4:5' is no number of steps"));
  EXPECT_TRUE(complains([] { parse_ramp("0:0:3s"); }, "asks for nothing"));
}

TEST(Stages, AreRatesAndLines) {
  const std::vector<Stage> stages{{.duration = 30s, .from_per_s = 1000, .to_per_s = 1000},
                                  {.duration = 60s, .from_per_s = 1000, .to_per_s = 0.5}};
  EXPECT_EQ(parse_stages(R"([{"duration": "30s", "rate_per_s": 1000},
                             {"duration": "1m", "from_per_s": 1000, "to_per_s": 0.5}])"),
            stages);
}

TEST(Stages, SayWhatIsWrongWithThem) {
  const auto refused = [](const char* text, const char* why) {
    EXPECT_TRUE(complains([&] { parse_stages(text); }, why)) << text;
  };
  refused("{", "stages");
  refused("{}", "write an array");
  refused("[]", "write an array");
  refused("[7]", "stages[0]");
  refused(R"([{"duration": "1s", "rate_per_s": 1, "rat": 2}])", "rat");
  refused(R"([{"duration": "1s", "rate_per_s": 1}, {"duration": "1s"}])", "stages[1]");
  refused(R"([{"duration": 1, "rate_per_s": 1}])", "duration");
  refused(R"([{"duration": "0s", "rate_per_s": 1}])", "no time from 1us");
  refused(R"([{"duration": "1s", "rate_per_s": -1}])", "rate_per_s");
  refused(R"([{"duration": "1s", "rate_per_s": 1, "to_per_s": 2}])", "to_per_s");
  refused(R"([{"duration": "1s", "rate_per_s": 0}])", "asks for nothing");
}

/// Whatever is written is a ramp or refused.
TEST(Stages, AreReadFromAnyText) {
  std::mt19937_64 random(7);
  const std::string_view words[] = {"1",
                                    ":",
                                    "2",
                                    "1e9",
                                    "3s",
                                    "m",
                                    "-",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    ",",
                                    "\"duration\":",
                                    "\"rate_per_s\":",
                                    "\"1s\"",
                                    "\xff"};
  int ramps = 0;
  for (int round = 0; round < testing::random_cases(20'000); ++round) {
    std::string text;
    for (auto left = random() % 9; left > 0; --left) text += words[random() % std::size(words)];
    std::string ramp;
    for (auto left = 2 + random() % 4; left > 0; --left)
      (ramp += words[random() % std::size(words)]) += left > 1 ? ":" : "";
    try {
      EXPECT_FALSE(parse_ramp(ramp).empty());
      ++ramps;
    } catch (const std::invalid_argument&) {  // which it is for
    }
    try {
      EXPECT_FALSE(parse_stages(text).empty());
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(ramps, testing::random_cases(5));
}

}  // namespace
}  // namespace contend::load
