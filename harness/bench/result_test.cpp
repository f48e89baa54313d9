// What samples say together, and the JSON of a result there and back.
#include "harness/bench/result.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "harness/base/random.hpp"
#include "harness/bench/result_testing.hpp"
#include "harness/stats/histogram.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using nlohmann::json;
using testing::complains;
using testing::some_cells;
using testing::some_result;
using testing::some_sample;

CellResult aggregate_one(const std::vector<Sample>& samples) {
  return aggregate(some_cells(), samples).front();
}

Sample bad(Sample::Status status, const char* reason) {
  Sample sample = some_sample(some_cells()[0], 0);
  sample.status = status;
  sample.reason = reason;
  sample.metrics.clear();
  return sample;
}

TEST(Aggregate, TakesTheMedianOfGoodSamples) {
  std::vector<Sample> samples;
  for (unsigned round = 0; round < 3; ++round) {
    samples.push_back(some_sample(some_cells()[0], round));
    samples.back().metrics["throughput_per_s"] = 100.0 * (round + 1);
  }
  samples[1].client_limited = true;
  const CellResult cell = aggregate_one(samples);
  EXPECT_EQ(cell.status, CellResult::Status::ok);
  EXPECT_EQ(cell.samples, 3U);
  EXPECT_EQ(cell.client_limited_samples, 1U);
  EXPECT_FALSE(cell.reason);
  const Interval throughput = cell.metrics.at("throughput_per_s");
  EXPECT_EQ(throughput.median, 200);
  EXPECT_EQ(throughput.low, 100);
  EXPECT_EQ(throughput.high, 300);
}

TEST(Aggregate, LeavesOutMetricsThatAreNull) {
  std::vector<Sample> samples{some_sample(some_cells()[0], 0), some_sample(some_cells()[0], 1)};
  samples[0].metrics["memory_bytes"] = std::nullopt;
  samples[1].metrics["memory_bytes"] = 4096;
  samples[0].metrics["fairness_jain"] = samples[1].metrics["fairness_jain"] = std::nullopt;
  const CellResult cell = aggregate_one(samples);
  EXPECT_EQ(cell.metrics.at("memory_bytes").median, 4096);
  EXPECT_FALSE(cell.metrics.at("memory_bytes").low);
  EXPECT_FALSE(cell.metrics.contains("fairness_jain"));
}

TEST(Aggregate, TellsWhatWentWrong) {
  const Sample good = some_sample(some_cells()[0], 0);
  const Sample failed = bad(Sample::Status::failed, "crashed");
  const Sample skipped = bad(Sample::Status::skipped, "not here");
  EXPECT_EQ(aggregate_one({}).status, CellResult::Status::skipped);
  EXPECT_EQ(aggregate_one({}).reason, "not measured yet");
  EXPECT_EQ(aggregate_one({failed, skipped}).status, CellResult::Status::failed);
  EXPECT_EQ(aggregate_one({skipped}).status, CellResult::Status::skipped);
  EXPECT_EQ(aggregate_one({skipped}).reason, "not here");
  const CellResult partial = aggregate_one({failed, good});
  EXPECT_EQ(partial.status, CellResult::Status::partial);
  EXPECT_EQ(partial.failed_samples, 1U);
  EXPECT_EQ(partial.reason, "crashed");
}

TEST(Aggregate, AddsUpErrorsOfGoodAndBadSamples) {
  Sample good = some_sample(some_cells()[0], 0), failed = bad(Sample::Status::failed, "x");
  good.errors = {{"reset", 1}, {"wrong_body", 2}};
  failed.errors = {{"reset", 3}};
  EXPECT_EQ(aggregate_one({good, failed}).errors,
            (std::map<std::string, std::uint64_t>{{"reset", 4}, {"wrong_body", 2}}));
}

TEST(Result, IsReadAsItWasWritten) {
  const json written = to_json(some_result());
  EXPECT_EQ(to_json(parse_result(written, "result.json")), written);
}

TEST(Result, NeverHoldsNaN) {
  Result result = some_result();
  result.samples[0].metrics["memory_bytes"] = std::numeric_limits<double>::quiet_NaN();
  const json written = to_json(result);
  EXPECT_TRUE(written["samples"][0]["metrics"]["memory_bytes"].is_null());
}

TEST(Result, NamesTheFieldThatIsWrong) {
  const auto with = [](const json::json_pointer& at, const json& value) {
    return [=] {
      json result = to_json(some_result());
      result[at] = value;
      parse_result(result, "r.json");
    };
  };
  EXPECT_TRUE(
      complains(with("/schema_version"_json_pointer, 2), "r.json: schema_version: must be"));
  EXPECT_TRUE(
      complains(with("/run/seed"_json_pointer, -1), "r.json: run.seed: must be at least 0"));
  EXPECT_TRUE(complains(with("/run/sede"_json_pointer, 1), "r.json: run: no field 'sede'"));
  EXPECT_TRUE(complains(with("/cells/0/role"_json_pointer, "x"), "r.json: cells[0].role: must be"));
  EXPECT_TRUE(complains(with("/cells/0/id"_json_pointer, "x"), "r.json: cells[0].id: must be"));
  EXPECT_TRUE(complains(with("/samples/1/status"_json_pointer, "failed"),
                        "r.json: samples[1].reason: must be null exactly where"));
  EXPECT_TRUE(complains(with("/samples/1/metrics/memory_bytes"_json_pointer, "1"),
                        "r.json: samples[1].metrics.memory_bytes: must be a number"));
  EXPECT_TRUE(complains(with("/samples/1/histograms/all/count"_json_pointer, 99),
                        "r.json: samples[1].histograms: all: histogram: "));
  EXPECT_TRUE(complains(with("/samples/1/errors/boredom"_json_pointer, 1),
                        "r.json: samples[1].errors: no field 'boredom'"));
}

TEST(Result, HasNoCellTwice) {
  json result = to_json(some_result());
  const json first = result["cells"][0];
  const std::size_t count = result["cells"].size();
  result["cells"].push_back(first);
  EXPECT_TRUE(
      complains([&] { parse_result(result, "r.json"); },
                "r.json: cells[" + std::to_string(count) + "].id: another cell has it too"));
}

// Whatever stands where, it is a result or an error that says where.
TEST(Result, SurvivesAnyChangeOfAnyField) {
  JsonChanger changer(to_json(some_result()), 9);
  const std::vector<json> values{nullptr,       -1, UINT64_MAX, 1e300, "x", json::array(),
                                 json::object()};
  const auto anything = [&](std::mt19937_64& generator) {
    return values[uniform_below(generator, values.size())];
  };
  for (int i = 0; i < testing::random_cases(3'000); ++i) {
    const json changed = changer.changed(anything);
    try {
      parse_result(changed, "r.json");
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, 6), "r.json");
    }
  }
}

}  // namespace
}  // namespace contend
