// What a sweep may look like on the command line.
#include "harness/load/search/sweep.hpp"

#include <gtest/gtest.h>

#include "harness/testing/testing.hpp"

namespace contend::load {
namespace {

TEST(Sweep, GoesEvenlyOrAsItIsTold) {
  EXPECT_EQ(parse_sweep("100:400:4"), (std::vector<double>{100, 200, 300, 400}));
  EXPECT_EQ(parse_sweep("5:1:2"), (std::vector<double>{5, 1}));
  EXPECT_EQ(parse_sweep("1e3,50,0.5"), (std::vector<double>{1000, 50, 0.5}));
  EXPECT_EQ(parse_sweep("7"), std::vector<double>{7});
}

TEST(Sweep, SaysWhatIsWrong) {
  const auto refused = [](const std::string& text, const std::string& why) {
    EXPECT_TRUE(testing::complains([&] { parse_sweep(text); }, why)) << text;
    EXPECT_TRUE(testing::complains([&] { parse_sweep(text); }, "write FROM:TO:POINTS")) << text;
  };
  refused("", "is no rate");
  refused("1:2", "is no rate");
  refused("1:2:3:4", "is no rate");
  refused("0:2:3", "'0' is no rate");
  refused("1,,2", "is no rate");
  refused("1,nan", "'nan' is no rate");
  refused("1,2e9", "'2e9' is no rate");
  refused("1:2:1", "'1' is no number of points");
  refused("1:2:101", "'101' is no number of points");
  std::string many = "1";
  for (int i = 0; i < 100; ++i) many += ",1";
  refused(many, "up to 100 rates");
}

}  // namespace
}  // namespace contend::load
