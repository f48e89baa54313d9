// From slices to verdicts: slices of known values, without time passing.
#include "harness/ab/judge.hpp"

#include <gtest/gtest.h>

#include "harness/ab/slices_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using contend::testing::complains;
using contend::testing::failed_slice;
using contend::testing::some_slice;
using contend::testing::SomePairs;

const ComparedMetric& wall = compared_metric("wall_ns");

Evidence weighed(const SomePairs& pairs, const Rules& rules = {}) {
  return evaluate("fib/one", wall, pairs.all(), rules);
}

Comparison judged(const SomePairs& pairs, const Rules& rules = {}) {
  std::vector<Evidence> evidence{weighed(pairs, rules)};
  classify(evidence, rules);
  return evidence[0].comparison;
}

Comparison judged(double ratio, double noise, std::size_t count = 80) {
  std::mt19937_64 generator(7);
  SomePairs pairs;
  pairs.add(count, ratio, noise, generator);
  return judged(pairs);
}

TEST(Judge, FindsARegressionAndAnImprovement) {
  const Comparison slower = judged(1.05, 0.03);
  EXPECT_EQ(slower.verdict, Verdict::regressed);
  EXPECT_FALSE(slower.reason);
  EXPECT_NEAR(slower.ratio->estimate, 1.05, 0.01);
  EXPECT_LT(*slower.ratio->low, 1.05);
  EXPECT_GT(*slower.ratio->high, 1.05);
  EXPECT_EQ(slower.base, 1e8);
  EXPECT_EQ(slower.pairs, 80U);
  EXPECT_EQ(judged(1 / 1.05, 0.03).verdict, Verdict::improved);
}

TEST(Judge, LeavesAloneWhatDoesNotMatterHoweverSureItIs) {
  const Comparison little = judged(1.01, 0.01);
  EXPECT_LT(*little.p_regressed, 1e-6);
  EXPECT_EQ(little.verdict, Verdict::unchanged);
}

TEST(Judge, SaysWhenItCanNotTell) {
  const Comparison noisy = judged(1.0, 0.3);
  EXPECT_EQ(noisy.verdict, Verdict::inconclusive);
  EXPECT_NE(noisy.reason->find("reaches beyond 2 %"), std::string::npos) << *noisy.reason;
  SomePairs six;  // all on one side: p is 1/64, which 99 of 100 cases ask more of
  for (int i = 1; i <= 6; ++i) six.add(some_slice(1e8), some_slice(1e8 * (1 + i / 100.0)));
  const Comparison open = judged(six);
  EXPECT_EQ(open.verdict, Verdict::inconclusive);
  EXPECT_NE(open.reason->find("whether by more than 2 %"), std::string::npos) << *open.reason;
}

TEST(Judge, TakesLargerThroughputForSmallerCost) {
  const ComparedMetric& throughput = compared_metric("throughput_per_s");
  SomePairs pairs;
  for (int i = 0; i < 20; ++i) {
    Sample base = some_slice(1), head = some_slice(1);
    base.metrics["throughput_per_s"] = 100.0 + i;
    head.metrics["throughput_per_s"] = 80.0 + i * 0.8;
    pairs.add(base, head);
  }
  std::vector<Evidence> evidence{evaluate("echo/one", throughput, pairs.all(), {})};
  classify(evidence, {});
  EXPECT_EQ(evidence[0].comparison.verdict, Verdict::regressed);
  EXPECT_NEAR(evidence[0].comparison.ratio->estimate, 1.25, 1e-9);
  EXPECT_NEAR(*evidence[0].comparison.base, 109.5, 1e-9);
}

TEST(Judge, ExchangesItsVerdictsWithTheSides) {
  std::mt19937_64 generator(11);
  for (const double ratio : {0.8, 0.97, 1.0, 1.04, 1.3}) {
    SomePairs pairs, exchanged;
    pairs.add(30, ratio, 0.03, generator);
    for (const Pair& pair : pairs.all()) exchanged.add(*pair.head, *pair.base);
    const Comparison one = judged(pairs), other = judged(exchanged);
    EXPECT_NEAR(one.ratio->estimate * other.ratio->estimate, 1, 1e-12);
    EXPECT_EQ(one.verdict == Verdict::regressed, other.verdict == Verdict::improved);
    EXPECT_EQ(one.verdict == Verdict::unchanged, other.verdict == Verdict::unchanged);
    EXPECT_NEAR(*one.p_regressed, *other.p_improved, 1e-12);
  }
}

TEST(Judge, LeavesOutNoisyAndFailedPairs) {
  std::mt19937_64 generator(13);
  SomePairs pairs;
  pairs.add(40, 1.05, 0.01, generator);
  for (int i = 0; i < 5; ++i) {
    pairs.add(some_slice(1e8), some_slice(9e8, 0.5));  // somebody else was at work
    pairs.add(failed_slice("crashed"), some_slice(9e8));
    Sample wrong = some_slice(9e8);
    wrong.errors["wrong_body"] = 1;
    pairs.add(some_slice(1e8), wrong);
  }
  const Comparison comparison = judged(pairs);
  EXPECT_EQ(comparison.pairs, 40U);
  EXPECT_EQ(comparison.excluded_pairs, 15U);
  EXPECT_EQ(comparison.verdict, Verdict::regressed);
  EXPECT_NEAR(comparison.ratio->estimate, 1.05, 0.01);
}

TEST(Judge, CallsInvalidWhatWasNotMeasuredWell) {
  std::mt19937_64 generator(17);
  SomePairs noisy, failing, few, none;
  noisy.add(10, 1.5, 0.01, generator);
  failing.add(10, 1.5, 0.01, generator);
  for (int i = 0; i < 6; ++i) {
    noisy.add(some_slice(1e8, 0.3), some_slice(1e8));
    failing.add(some_slice(1e8), failed_slice("crashed hard"));
  }
  few.add(min_pairs - 1, 1.5, 0.01, generator);
  const auto expect_invalid = [](const SomePairs& pairs, const char* reason, bool held_up) {
    const Evidence evidence = weighed(pairs);
    EXPECT_EQ(evidence.comparison.verdict, Verdict::invalid);
    EXPECT_NE(evidence.comparison.reason->find(reason), std::string::npos)
        << *evidence.comparison.reason;
    EXPECT_EQ(evidence.held_up, held_up);
    EXPECT_FALSE(is_suspect(evidence));
    EXPECT_EQ(judged(pairs).verdict, Verdict::invalid);
  };
  expect_invalid(noisy, "in 6 of 16 pairs others used more than 10 %", true);
  expect_invalid(failing, "6 of the head failed; the last: head: crashed hard", false);
  expect_invalid(few, "too few", false);
  expect_invalid(none, "no pair", false);
}

TEST(Judge, DoesNotCallUnchangedWhatTheLoadLimited) {
  const ComparedMetric& throughput = compared_metric("throughput_per_s");
  SomePairs pairs;
  for (int i = 0; i < 20; ++i) {
    Sample slice = some_slice(1);
    slice.metrics["throughput_per_s"] = 100;
    slice.metrics["cpu_ns_per_operation"] = 100;
    slice.client_limited = true;
    pairs.add(slice, slice);
  }
  std::vector<Evidence> evidence{
      evaluate("e", throughput, pairs.all(), {}),
      evaluate("e", compared_metric("cpu_ns_per_operation"), pairs.all(), {})};
  EXPECT_TRUE(is_settled(evidence[0]));
  classify(evidence, {});
  EXPECT_EQ(evidence[0].comparison.verdict, Verdict::inconclusive);
  EXPECT_EQ(evidence[1].comparison.verdict, Verdict::unchanged);
}

/// Twenty pairs of a server whose head has these ratios of throughput and of median response time.
std::vector<Comparison> judged_server(double throughput, double latency) {
  SomePairs pairs;
  for (int i = 0; i < 20; ++i) {
    Sample base = some_slice(1), head = some_slice(1);
    const double noise = 1 + i / 1e4;
    base.metrics["throughput_per_s"] = 100 * noise;
    head.metrics["throughput_per_s"] = 100 * throughput;
    base.metrics["latency_p50_ns"] = base.metrics["latency_p99_ns"] = 1000 * noise;
    head.metrics["latency_p50_ns"] = head.metrics["latency_p99_ns"] = 1000 * latency;
    pairs.add(base, head);
  }
  std::vector<Evidence> evidence;
  for (const char* metric : {"latency_p50_ns", "latency_p99_ns", "throughput_per_s"})
    evidence.push_back(evaluate("echo/one", compared_metric(metric), pairs.all(), {}));
  classify(evidence, {});
  std::vector<Comparison> comparisons;
  for (const Evidence& one : evidence) comparisons.push_back(one.comparison);
  return comparisons;
}

TEST(Judge, TakesBackAMedianThatThroughputContradicts) {
  const auto slower = judged_server(0.95, 0.8), faster = judged_server(1.05, 1.25);
  EXPECT_EQ(slower[0].verdict, Verdict::inconclusive);
  EXPECT_NE(slower[0].reason->find("throughput fell"), std::string::npos) << *slower[0].reason;
  EXPECT_EQ(slower[1].verdict, Verdict::improved) << "one in a hundred says little of the mean";
  EXPECT_EQ(slower[2].verdict, Verdict::regressed);
  EXPECT_EQ(faster[0].verdict, Verdict::inconclusive);
  EXPECT_NE(faster[0].reason->find("throughput rose"), std::string::npos) << *faster[0].reason;
  EXPECT_EQ(faster[2].verdict, Verdict::improved);
}

TEST(Judge, LeavesAMedianThatThroughputDoesNotContradict) {
  const auto slower = judged_server(0.95, 1.05), faster = judged_server(1.05, 0.95);
  EXPECT_EQ(slower[0].verdict, Verdict::regressed);
  EXPECT_EQ(faster[0].verdict, Verdict::improved);
  EXPECT_EQ(judged_server(1.0, 1.25)[0].verdict, Verdict::regressed);
  EXPECT_EQ(judged_server(0.95, 1.0)[0].verdict, Verdict::unchanged);
}

TEST(Judge, AsksTheMoreOfEachTheMoreThereAre) {
  std::mt19937_64 generator(19);
  SomePairs clear, steady;
  clear.add(10, 1.2, 0.001, generator);  // the least p of ten pairs is 1/1024
  steady.add(10, 1.0, 0.001, generator);
  std::vector<Evidence> alone{weighed(clear)}, among{weighed(clear)};
  for (int i = 0; i < 20; ++i) among.push_back(weighed(steady));
  classify(alone, {});
  classify(among, {});
  EXPECT_EQ(alone[0].comparison.verdict, Verdict::regressed);
  EXPECT_EQ(among[0].comparison.verdict, Verdict::inconclusive);
}

TEST(Judge, TakesTheSmallestEffectsThatAreGiven) {
  std::mt19937_64 generator(23);
  SomePairs pairs;
  pairs.add(60, 1.05, 0.02, generator);
  const std::vector<std::string> ten{"wall_ns=10"};
  EXPECT_EQ(judged(pairs, {.smallest_effects = parse_smallest_effects(ten)}).verdict,
            Verdict::unchanged);
  for (const char* wrong : {"wall_ns", "wall_ns=", "wall_ns=x", "wall_ns=0", "wall_ns=100",
                            "wall_ns=1 ", "=3", "", "wall=3", "wall_ns=nan", "wall_ns=-1"})
    EXPECT_THROW(parse_smallest_effects(std::vector<std::string>{wrong}), std::invalid_argument)
        << wrong;
  EXPECT_TRUE(complains([] { compared_metric("speed"); }, "there are throughput_per_s"));
}

TEST(Judge, RaisesFewFalseAlarms) {
  std::mt19937_64 generator(29);
  int alarms = 0;
  constexpr int suites = 300, comparisons = 20;
  for (int suite = 0; suite < suites; ++suite) {
    std::vector<Evidence> evidence;
    for (int i = 0; i < comparisons; ++i) {
      SomePairs pairs;
      pairs.add(20, 1.0, 0.2, generator);  // so noisy that the band keeps nothing back
      evidence.push_back(weighed(pairs, {.alpha = 0.05}));
    }
    classify(evidence, {.alpha = 0.05});
    alarms += std::ranges::any_of(
        evidence, [](const Evidence& one) { return one.comparison.verdict == Verdict::regressed; });
  }
  // 15 are expected; 30 would be four standard deviations more.
  EXPECT_LE(alarms, 30);
}

}  // namespace
}  // namespace contend::ab
