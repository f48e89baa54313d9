// Units and directions of metrics, and costs.
#include <gtest/gtest.h>

#include "harness/base/table.hpp"
#include "harness/export/figures.hpp"

namespace contend::exports {
namespace {

TEST(Units, AreKnownByTheEndOfAMetricsName) {
  const auto expect = [](const char* metric, const char* unit, Better better) {
    EXPECT_EQ(unit_of(metric).name, unit) << metric;
    EXPECT_EQ(unit_of(metric).better, better) << metric;
  };
  expect("throughput_per_s", "1/s", Better::bigger);
  expect("light.throughput_per_s", "1/s", Better::bigger);
  expect("latency_p99_ns", "ns", Better::smaller);
  expect("heavy.latency_max_ns", "ns", Better::smaller);
  expect("cpu_user_ns_per_operation", "ns/operation", Better::smaller);
  expect("voluntary_switches_per_operation", "1/operation", Better::smaller);
  expect("instructions", "instructions", Better::smaller);
  expect("memory_per_connection_bytes", "bytes", Better::smaller);
  expect("fairness_jain", "", Better::bigger);
  expect("starved_connections", "connections", Better::smaller);
  expect("engine_cpu_share", "", Better::neither);
  expect("something_new", "", Better::neither);
  expect("", "", Better::neither);
}

TEST(Figures, OfWhatIsBetterWhenBiggerTurnOverAsCosts) {
  const Figure throughput{.cell = "c",
                          .engine = "e",
                          .workload = "w",
                          .metric = "light.throughput_per_s",
                          .unit = unit_of("throughput_per_s"),
                          .value = 1e6,
                          .low = 5e5,
                          .high = 2e6};
  const auto cost = cost_of(throughput);
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->metric, "light.ns_per_operation");
  EXPECT_DOUBLE_EQ(cost->value, 1000);
  EXPECT_DOUBLE_EQ(*cost->low, 500);
  EXPECT_DOUBLE_EQ(*cost->high, 2000);
  EXPECT_EQ(unit_of(cost->metric).better, Better::smaller);
  EXPECT_EQ(gain_of(throughput)->metric, throughput.metric);
}

TEST(Figures, AreNoCostsWhereThereIsNoSuchNumber) {
  Figure figure{.metric = "throughput_per_s", .unit = unit_of("throughput_per_s"), .value = 0};
  EXPECT_FALSE(cost_of(figure));
  figure.value = 10;
  EXPECT_TRUE(cost_of(figure));
  EXPECT_FALSE(cost_of(figure)->low);
  figure.low = 0;
  EXPECT_FALSE(cost_of(figure)) << "an interval without an end";
  figure.unit = unit_of("engine_cpu_share");
  EXPECT_FALSE(cost_of(figure));
  EXPECT_FALSE(
      gain_of({.metric = "latency_p50_ns", .unit = unit_of("latency_p50_ns"), .value = 1}));
}

TEST(Values, AreInTheUnitThatFits) {
  EXPECT_EQ(metric_text("latency_p50_ns", 4.5e6), "4.5 ms");
  EXPECT_EQ(metric_text("cpu_ns_per_operation", 850), "850 ns");
  EXPECT_EQ(metric_text("throughput_per_s", 1234), "1,234/s");
  EXPECT_EQ(metric_text("memory_per_connection_bytes", -120), "-120 bytes");
  EXPECT_EQ(metric_text("memory_bytes", 12345), "12 KiB");
  EXPECT_EQ(metric_text("peak_rss_bytes", 3 << 20), "3.00 MiB");
  EXPECT_EQ(metric_text("fairness_jain", 0.98), "0.98");
}

TEST(Sentences, SayWhatIsKnown) {
  ab::Comparison comparison{.cell = "c", .metric = "memory_bytes"};
  comparison.reason = "too noisy";
  EXPECT_EQ(sentence(comparison, 0.95), "inconclusive: 0 pairs; too noisy");
  comparison.ratio = ab::Ratio{.estimate = 0.9, .low = 0.85, .high = 0.96};
  comparison.verdict = ab::Verdict::improved;
  comparison.reason.reset();
  comparison.pairs = 1;
  comparison.excluded_pairs = 2;
  comparison.base = 8192;
  comparison.head = 7373;
  comparison.confirmed = true;
  EXPECT_EQ(sentence(comparison, 0.999),
            "improved: cost -10.0 % (99.9 % interval -15.0 % to -4.0 %); base 8 KiB, head 7 KiB"
            "; 1 pair, 2 excluded; confirmed on fresh slices");
}

}  // namespace
}  // namespace contend::exports
