// Two stored results: what can be told of them, and what can't.
#include "harness/ab/stored.hpp"

#include <gtest/gtest.h>

#include "harness/bench/result_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using contend::testing::complains;
using contend::testing::some_cells;
using contend::testing::some_result;
using contend::testing::some_sample;

/// Ten samples of the first cell, with these costs.
Result stored(const std::string& id, double memory, double throughput) {
  Result result = some_result();
  result.run.id = id;
  result.samples.clear();
  const std::vector<Cell> cells{some_cells()[0]};
  for (unsigned round = 0; round < 10; ++round) {
    Sample sample = some_sample(cells[0], round);
    const double wobble = 1 + 0.001 * round;
    sample.metrics = {{"throughput_per_s", throughput * wobble}, {"memory_bytes", memory * wobble}};
    result.samples.push_back(sample);
  }
  result.cells = aggregate(cells, result.samples);
  return result;
}

const Comparison& find(const AbResult& result, std::string_view metric) {
  return *std::ranges::find(result.comparisons, metric, &Comparison::metric);
}

TEST(StoredResults, TellOfWhatDoesNotDriftAndOfNothingElse) {
  const AbResult result = compare_stored(stored("one", 1e6, 1000), stored("two", 1.2e6, 500), {});
  EXPECT_FALSE(result.run.interleaved);
  EXPECT_EQ(result.cells.size(), 1U);
  const Comparison &memory = find(result, "memory_bytes"),
                   &throughput = find(result, "throughput_per_s");
  EXPECT_EQ(memory.verdict, Verdict::regressed);
  EXPECT_NEAR(memory.ratio->estimate, 1.2, 0.005);
  EXPECT_EQ(throughput.verdict, Verdict::inconclusive);
  EXPECT_NEAR(throughput.ratio->estimate, 2, 0.01);
  EXPECT_NE(throughput.reason->find("at different times"), std::string::npos);
  EXPECT_EQ(find(result, "latency_p50_ns").verdict, Verdict::invalid) << "there is none";
  EXPECT_EQ(find(compare_stored(stored("one", 1e6, 1), stored("two", 1e6, 1), {}), "memory_bytes")
                .verdict,
            Verdict::unchanged);
}

TEST(StoredResults, OfDifferentMachinesOrWorkAreInvalid) {
  const Result base = stored("one", 1e6, 1000);
  const auto expect_invalid = [&](const Result& head, const char* why) {
    const AbResult result = compare_stored(base, head, {});
    for (const Comparison& comparison : result.comparisons) {
      EXPECT_EQ(comparison.verdict, Verdict::invalid);
      EXPECT_NE(comparison.reason->find(why), std::string::npos) << *comparison.reason;
    }
  };
  Result other = base;
  other.machine.fingerprint = "another";
  expect_invalid(other, "different machines");
  other = base;
  other.machine.kernel = "newer";
  expect_invalid(other, "different kernels");
  other = base;
  other.cells[0].cell.options.parameters["size_bytes"] = 65;
  expect_invalid(other, "size_bytes is 64 and 65");
  other = base;
  other.cells[0].cell.options.window *= 2;
  expect_invalid(other, "different windows");
  other = base;
  other.cells[0].cell.engine = "two";
  EXPECT_TRUE(complains([&] { compare_stored(base, other, {}); }, "no cell in common"));
}

TEST(StoredResults, OfOneComparisonAreJudgedByItsPairs) {
  // In each block everything takes longer than in the one before, so that only pairs can tell.
  const auto side = [](const char* name, double factor, bool first) {
    Result result = stored(name, 1e6, 1);
    std::vector<Sample> samples;
    for (unsigned block = 0; block < 12; ++block) {
      for (unsigned pair = 0; pair < 2; ++pair) {
        Sample sample = some_sample(some_cells()[0], block);
        const bool comes_first = first == (pair == 0);
        sample.order = 2 * pair + (comes_first ? 0 : 1);
        sample.metrics = {{"throughput_per_s", factor * 1000 / (1 + block)}};
        samples.push_back(sample);
      }
    }
    result.samples = samples;
    result.cells = aggregate({some_cells()[0]}, samples);
    return result;
  };
  const AbResult result = compare_stored(side("x-base", 1, true), side("x-head", 0.9, false), {});
  EXPECT_TRUE(result.run.interleaved);
  const Comparison& throughput = find(result, "throughput_per_s");
  EXPECT_EQ(throughput.verdict, Verdict::regressed);
  EXPECT_EQ(throughput.pairs, 24U);
  EXPECT_NEAR(throughput.ratio->estimate, 1 / 0.9, 1e-9);
}

}  // namespace
}  // namespace contend::ab
