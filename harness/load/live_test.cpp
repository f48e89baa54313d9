// What is shown while a run goes on.
#include "harness/load/live.hpp"

#include <gtest/gtest.h>

#include "harness/load/report.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

TEST(Live, DrawsATimeLine) {
  EXPECT_EQ(time_line({}), "");
  EXPECT_EQ(time_line({0, 0}), "▁▁");
  EXPECT_EQ(time_line({7, 0, 1, 6, 7}), "█▁▂▇█");
  EXPECT_EQ(time_line({1'000'000}), "█");
}

TEST(Live, SaysTheLastSecondInALine) {
  RunSpec spec{.target = Target::parse("http://127.0.0.1:1/"), .duration = 20s};
  Row row{.end = 4001ms, .p50 = 1ms, .p99 = 2ms, .max = 30ms};
  row.counts = {.sent = 1003, .answered = 1001, .in_flight = 2};
  Counts total{.answered = 5000};
  total.errors[1] = 3;
  EXPECT_EQ(progress_line(spec, {.row = row, .total = total}),
            "4/20 s  1,001/s  p50 1 ms  p99 2 ms  max 30 ms  in flight 2  failed 3");
}

}  // namespace
}  // namespace contend::load
