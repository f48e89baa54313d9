// Comparing what is the same each time: verdicts by the band alone, and what makes one invalid.
#include "harness/ab/exact.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "harness/ab/slices_testing.hpp"
#include "harness/ab/text.hpp"
#include "harness/base/table.hpp"

namespace contend::ab {
namespace {

using contend::testing::failed_slice;

Sample counted(double instructions) {
  Sample sample;
  sample.operations = 1;
  sample.metrics["instructions"] = instructions;
  return sample;
}

/// A side's slices of one cell.
struct Side {
  std::deque<Sample> slices;
  std::vector<const Sample*> all() const {
    std::vector<const Sample*> pointers;
    for (const Sample& slice : slices) pointers.push_back(&slice);
    return pointers;
  }
};

const ComparedMetric& metric = compared_metric("instructions");

Comparison compared(const Side& base, const Side& head, const Rules& rules = {}) {
  return compare_exactly("fib/contend-cases", metric, base.all(), head.all(), rules);
}
Comparison compared(double base, double head, const Rules& rules = {}) {
  return compared(Side{{counted(base), counted(base)}}, Side{{counted(head), counted(head)}},
                  rules);
}

TEST(Exact, IsJudgedByTheBandAlone) {
  const Comparison same = compared(1e6, 1e6);
  EXPECT_EQ(same.verdict, Verdict::unchanged);
  EXPECT_EQ(same.ratio->estimate, 1);
  EXPECT_EQ(same.ratio->low, 1);
  EXPECT_EQ(same.ratio->high, 1);
  EXPECT_EQ(same.pairs, 2U);
  EXPECT_FALSE(same.p_regressed || same.p_improved || same.reason);
  EXPECT_EQ(same.base, 1e6);
  EXPECT_DOUBLE_EQ(same.smallest_effect, 0.01);

  EXPECT_EQ(compared(1'000'000, 1'010'000).verdict, Verdict::unchanged);
  EXPECT_EQ(compared(1'000'000, 1'010'001).verdict, Verdict::regressed);
  EXPECT_EQ(compared(1'010'000, 1'000'000).verdict, Verdict::unchanged);
  EXPECT_EQ(compared(1'010'001, 1'000'000).verdict, Verdict::improved);
  const Rules strict{.smallest_effects = {{"instructions", 0.001}}};
  EXPECT_EQ(compared(1e6, 1'001'001, strict).verdict, Verdict::regressed);
  EXPECT_DOUBLE_EQ(compared(1e6, 1e6, strict).smallest_effect, 0.001);
}

TEST(Exact, IsInvalidWhereItIsNotTheSameEachTime) {
  const Side good{{counted(3'000'025), counted(3'000'025)}};
  const Side other{{counted(5'000'001), counted(5'000'003)}};
  const auto expect_invalid = [](const Comparison& comparison, const std::string& why) {
    EXPECT_EQ(comparison.verdict, Verdict::invalid);
    EXPECT_EQ(comparison.reason, why);
    EXPECT_FALSE(comparison.ratio);
    EXPECT_EQ(comparison.pairs, 0U);
  };
  expect_invalid(compared(good, other),
                 "head: it is not the same each time, but 5,000,001 and 5,000,003");
  expect_invalid(compared(other, good),
                 "base: it is not the same each time, but 5,000,001 and 5,000,003");
  const Side failed{{counted(5e6), failed_slice("it broke")}};
  expect_invalid(compared(good, failed), "head: it broke");
  expect_invalid(compared(failed, good), "base: it broke");
  const Side lacking{{counted(0), counted(0)}};
  expect_invalid(compared(good, lacking), "head: a slice lacks this metric");
  for (const Side& few : {Side{}, Side{{counted(3'000'025)}}})
    expect_invalid(compared(few, good),
                   "base: it was not measured twice, so that nobody knows whether it is the same "
                   "each time");
}

TEST(Values, OfLessThanOneKeepTheirDigits) {
  EXPECT_EQ(metric_text("instructions", 3'000'025), "3,000,025");
  EXPECT_EQ(metric_text("cpu_ns_per_operation", 0.27), "0.27 ns");
  EXPECT_EQ(metric_text("cpu_ns_per_operation", 24.6), "24.6 ns");
  EXPECT_EQ(metric_text("cpu_ns_per_operation", 3930), "3.93 us");
}

TEST(Counts, MeasureEachSideTwiceInTurns) {
  const std::vector<ScreenedCell> cells{{.id = "a", .metrics = {metric}},
                                        {.id = "b", .metrics = {metric}}};
  std::string order;
  std::vector<std::size_t> announced;
  const auto measure = [&](Which side, std::size_t cell, unsigned block, unsigned place) {
    EXPECT_EQ(block, 0U);
    EXPECT_EQ(place, order.size() % 4);
    order += side == Which::base ? 'b' : 'h';
    if (order.size() == 7) throw std::runtime_error("interrupted");
    return counted(cell == 0 ? 100 : (side == Which::base ? 100 : 200));
  };
  const auto announce = [&](std::size_t done, std::size_t all, std::size_t) {
    EXPECT_EQ(all, 8U);
    announced.push_back(done);
  };
  Counts counts(cells, 4, {}, measure, announce);
  EXPECT_THROW(counts.run(), std::runtime_error);
  EXPECT_TRUE(order.starts_with("bhhb") || order.starts_with("hbbh")) << order;
  EXPECT_EQ(announced, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6}));
  const std::vector<Comparison> comparisons = counts.comparisons();
  ASSERT_EQ(comparisons.size(), 2U);
  EXPECT_EQ(comparisons[0].verdict, Verdict::unchanged);
  EXPECT_EQ(comparisons[1].verdict, Verdict::invalid) << "one side was measured once only";

  Counts whole(
      {cells[1]}, 4, {},
      [&](Which side, std::size_t, unsigned, unsigned) {
        return counted(side == Which::base ? 100 : 200);
      },
      [](auto, auto, auto) {});
  whole.run();
  EXPECT_EQ(whole.comparisons().at(0).verdict, Verdict::regressed);
}

}  // namespace
}  // namespace contend::ab
