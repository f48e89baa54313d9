// Times as they are written, and what is no time.
#include "harness/base/time.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using testing::complains;

TEST(ParseTime, ReadsTimes) {
  EXPECT_EQ(parse_time("10"), 10s);
  EXPECT_EQ(parse_time("1.5s"), 1500ms);
  EXPECT_EQ(parse_time("200ms"), 200ms);
  EXPECT_EQ(parse_time("7us"), 7us);
  EXPECT_EQ(parse_time("2m"), 120s);
  EXPECT_EQ(parse_time("24h"), 24h);
  for (const char* wrong : {"", "s", "10 s", "-1s", "0", "25h", "1d", "nan", "inf", "1e9", "0x1"})
    EXPECT_TRUE(complains([&] { parse_time(wrong); }, "is no time")) << wrong;
}

}  // namespace
}  // namespace contend
