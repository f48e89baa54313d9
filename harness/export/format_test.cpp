// What each format holds of a result and of a comparison, where its own rules are simple enough to
// be held against here; other programs' opinion is in consumers_test.cpp.
#include "harness/export/format.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/export/export_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::exports {
namespace {

using nlohmann::json;
using testing::complains;
using testing::exported;
using testing::measured;
using testing::some_ab_result;
using testing::some_result;
using testing::source_of;

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

json entry(const std::string& text, const std::string& name) {
  for (const json& one : json::parse(text))
    if (one["name"] == name) return one;
  ADD_FAILURE() << "no entry " << name;
  return {};
}

TEST(GithubActionBenchmark, HasEverythingAsACost) {
  const std::string text = exported("github-action-benchmark", source_of(measured()));
  const json time = entry(text, "echo/one/4 ns_per_operation");
  EXPECT_EQ(time["unit"], "ns/operation");
  EXPECT_DOUBLE_EQ(time["value"], 1e9 / 2500);
  EXPECT_EQ(time["range"], "250000 to 1e+06");
  EXPECT_EQ(entry(text, "echo/one/4 latency_p50_ns")["value"], 4000);
  EXPECT_EQ(json::parse(text).size(), 3U) << "a share of the CPU has no direction";
}

TEST(GithubActionBenchmark, HasThroughputAloneWhereBiggerIsBetter) {
  const json entries = json::parse(
      exported("github-action-benchmark", source_of(measured()), {.direction = Direction::bigger}));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0]["name"], "echo/one/4 throughput_per_s");
  EXPECT_EQ(entries[0]["value"], 2500);
}

TEST(GithubActionBenchmark, HasTheRatiosOfAComparisonInEitherDirection) {
  const Source source = source_of(some_ab_result());
  const std::string costs = exported("github-action-benchmark", source);
  EXPECT_EQ(json::parse(costs).size(), 4U) << "one has no ratio";
  const json cost = entry(costs, "echo/one/64 latency_p50_ns_cost_ratio");
  EXPECT_EQ(cost["value"], 1.05);
  EXPECT_NE(cost["extra"].get<std::string>().find("regressed: cost +5.0 %"), std::string::npos);
  const std::string gains =
      exported("github-action-benchmark", source, {.direction = Direction::bigger});
  const json gain = entry(gains, "echo/one/64 inverse_latency_p50_ns_cost_ratio");
  EXPECT_DOUBLE_EQ(gain["value"], 1 / 1.05);
  EXPECT_EQ(gain["range"], "0.943396 to 0.961538");
}

TEST(GithubActionBenchmark, RefusesToBeEmpty) {
  ab::AbResult nothing = some_ab_result();
  nothing.comparisons.clear();
  for (const char* format : {"github-action-benchmark", "bencher", "otava"})
    EXPECT_TRUE(complains([&] { exported(format, source_of(nothing)); }, "nothing to export"));
}

TEST(Bencher, HasAMeasureForEachMetricWithItsLimits) {
  const json benchmarks = json::parse(exported("bencher", source_of(measured())));
  EXPECT_EQ(benchmarks["echo/one/4"]["throughput_per_s"],
            json({{"value", 2500.0}, {"lower_value", 1000.0}, {"upper_value", 4000.0}}));
  const json ratios = json::parse(exported("bencher", source_of(some_ab_result())));
  EXPECT_EQ(ratios["echo/one/64"]["cpu_ns_per_operation_cost_ratio"],
            json({{"value", 0.9}, {"lower_value", 0.89}, {"upper_value", 0.91}}));
  EXPECT_FALSE(ratios.contains("fib/one"));
}

TEST(Bencher, KeepsToTheLengthsOfNames) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const ab::AbResult result = testing::hostile_comparison(seed);
    std::size_t expected = 0, found = 0;
    for (const ab::Comparison& comparison : result.comparisons)
      expected += comparison.ratio ? 1 : 0;
    const json benchmarks = json::parse(exported("bencher", source_of(result)));
    for (const auto& [benchmark, measures] : benchmarks.items()) {
      EXPECT_LE(benchmark.size(), 1024U);
      for (const auto& [measure, value] : measures.items()) EXPECT_LE(measure.size(), 64U);
      found += measures.size();
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(GoogleBenchmark, HasAnEntryASampleInTheirOrderAndWhatTheyAreTogether) {
  const json whole = json::parse(exported("google-benchmark", source_of(measured())));
  EXPECT_EQ(whole["context"]["json_schema_version"], 1);
  const json& entries = whole["benchmarks"];
  ASSERT_EQ(entries.size(), 2U * (4 + 3));  // of one operation, and of the latency
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(entries[i]["name"], "echo/one/4");
    EXPECT_EQ(entries[i]["run_type"], "iteration");
    EXPECT_EQ(entries[i]["repetitions"], 4);
    EXPECT_EQ(entries[i]["repetition_index"], i);
    EXPECT_EQ(entries[i]["time_unit"], "ns");
  }
  // The first round was measured last.
  EXPECT_EQ(entries[0]["iterations"], 103);
  EXPECT_DOUBLE_EQ(entries[0]["real_time"], 1e9 / 4000);
  EXPECT_DOUBLE_EQ(entries[0]["cpu_time"], 53);
  EXPECT_EQ(entries[5]["name"], "echo/one/4_median");
  EXPECT_EQ(entries[5]["run_name"], "echo/one/4");
  EXPECT_DOUBLE_EQ(entries[5]["cpu_time"], 51.5);
  EXPECT_NEAR(entries[6]["cpu_time"], 1.2910, 1e-4);  // sqrt(5 / 3)
  EXPECT_EQ(entries[7]["name"], "echo/one/4/latency_p50_ns");
  EXPECT_EQ(entries[7]["real_time"], 4000);
}

TEST(GoogleBenchmark, HasNoEntryForASampleWithoutBothTimes) {
  Result result = measured();
  result.samples[0].metrics["cpu_ns_per_operation"] = std::nullopt;
  result.samples[1].metrics["throughput_per_s"] = 0;
  result.samples[2].status = Sample::Status::failed;
  const json entries = json::parse(exported("google-benchmark", source_of(result)))["benchmarks"];
  EXPECT_EQ(entries[0]["repetitions"], 1);
  EXPECT_EQ(entries[1]["name"], "echo/one/4/latency_p50_ns") << "one has no deviation";
  for (Sample& sample : result.samples) sample.status = Sample::Status::failed;
  EXPECT_TRUE(
      complains([&] { exported("google-benchmark", source_of(result)); }, "no good sample"));
}

TEST(Junit, HasASuiteACellAndWhatRegressedAsAFailure) {
  const std::string text = exported("junit", source_of(some_ab_result()));
  EXPECT_EQ(count(text, "<testsuite "), 2U);
  EXPECT_EQ(count(text, "<testcase "), 5U);
  EXPECT_EQ(count(text, "<failure "), 1U);
  EXPECT_EQ(count(text, "<skipped "), 2U);
  EXPECT_NE(text.find(R"(<testsuites name="contend ab" tests="5" failures="1" errors="0">)"),
            std::string::npos);
  const std::string message =
      "regressed: cost +5.0 % (95 % interval +4.0 % to +6.0 %); base 400 us, "
      "head 420 us; 80 pairs; confirmed on fresh slices";
  EXPECT_EQ(count(text, message), 2U) << "as an attribute, and as text: " << text;
}

TEST(Junit, CountsDoubtAsItIsTold) {
  const Source source = source_of(some_ab_result());
  const std::string failed = exported("junit", source, {.doubt = Doubt::failed});
  EXPECT_EQ(count(failed, "<failure "), 3U);
  EXPECT_EQ(count(failed, "<skipped "), 0U);
  const std::string passed = exported("junit", source, {.doubt = Doubt::passed});
  EXPECT_EQ(count(passed, "<failure "), 1U);
  EXPECT_EQ(count(passed, "<skipped "), 0U);
}

TEST(Junit, HasACaseForACellThatWasNotCompared) {
  ab::AbResult result = some_ab_result();
  std::erase_if(result.comparisons, [](const auto& one) { return one.cell == "fib/one"; });
  const std::string text = exported("junit", source_of(result));
  EXPECT_NE(text.find(R"(<testcase classname="fib/one" name="slices"><skipped message="head: )"),
            std::string::npos)
      << text;
}

TEST(Junit, TellsFailedAndSkippedCellsOfAResult) {
  Result result = some_result();
  const std::string text = exported("junit", source_of(result));
  EXPECT_EQ(count(text, "<testsuite "), 4U);
  EXPECT_EQ(count(text, R"(<failure type="failure" message="0 good, 1 failed: crashed">)"), 1U);
  result.samples.clear();
  result.cells = aggregate(testing::some_cells(), {});
  const std::string skipped = exported("junit", source_of(result));
  EXPECT_EQ(count(skipped, "<skipped message=\"0 good, 0 failed: not measured yet\">"), 4U);
}

TEST(Markdown, SaysTheVerdictFirstThenWhatRegressed) {
  const std::string text = exported("markdown", source_of(some_ab_result()));
  EXPECT_TRUE(text.starts_with("## Regressed: 1 of 5 comparisons\n")) << text;
  EXPECT_LT(text.find("- `echo/one/64` `latency_p50_ns`: cost +5.0 %"),
            text.find("| cell | metric |"));
  EXPECT_NE(text.find("`a <new> & \"better\" one` against `v1`"), std::string::npos) << text;
  ab::AbResult result = some_ab_result();
  const auto heading_without = [&](ab::Verdict verdict) {
    std::erase_if(result.comparisons, [&](const auto& one) { return one.verdict == verdict; });
    const std::string shorter = exported("markdown", source_of(result));
    return shorter.substr(0, shorter.find('\n'));
  };
  using enum ab::Verdict;
  EXPECT_EQ(heading_without(regressed), "## Invalid: 1 of 4 comparisons");
  EXPECT_EQ(heading_without(invalid), "## Inconclusive: 1 of 3 comparisons");
  EXPECT_EQ(heading_without(inconclusive), "## Improved: 1 of 2 comparisons, nothing regressed");
  EXPECT_EQ(heading_without(improved), "## Unchanged: all of 1 comparison");
  EXPECT_EQ(heading_without(unchanged), "## Invalid: nothing was compared");
}

TEST(Markdown, StaysBelow64KilobytesAndSaysWhatHasNoRoom) {
  for (const std::size_t cells : {1U, 40U, 150U, 3000U}) {
    ab::AbResult result = testing::hostile_comparison(cells, cells);
    for (ab::Comparison& comparison : result.comparisons)
      comparison.verdict = ab::Verdict::regressed;
    const std::string text = exported("markdown", source_of(result));
    EXPECT_LT(text.size(), 64'000U);
    EXPECT_NE(text.find("| cell | metric |"), std::string::npos);
    const std::size_t items = count(text, "\n- "), rows = count(text, "\n| ") - 1;
    std::size_t left_out = 0;
    for (std::size_t at = text.find(" more "); at != std::string::npos;
         at = text.find(" more ", at + 1))
      if (text.substr(at, 40).find(" have no room here") != std::string::npos)
        left_out += std::stoul(text.substr(text.rfind('\n', at) + 1));
    EXPECT_EQ(items + rows + left_out, 2 * result.comparisons.size());
  }
}

TEST(Markdown, SaysWhatFailedOfAResult) {
  const std::string text = exported("markdown", source_of(some_result()));
  EXPECT_TRUE(text.starts_with("## Failed: samples of 1 of 4 cells\n")) << text;
  EXPECT_NE(text.find("- `echo/one/4`: failed, 1 failed, 2 reset, crashed"), std::string::npos)
      << text;
  EXPECT_TRUE(exported("markdown", source_of(measured())).starts_with("## Measured: 1 cell\n"));
}

TEST(Csv, HasARowASample) {
  const std::string text = exported("csv", source_of(measured()));
  EXPECT_EQ(count(text, "\r\n"), 5U);
  EXPECT_TRUE(text.starts_with("run,suite,revision,machine,cell,")) << text;
  EXPECT_NE(text.find(",ok,,false,150000000,103,53,0.5,4000,4000\r\n"), std::string::npos) << text;
  const std::string failed = exported("csv", source_of(some_result()));
  EXPECT_NE(failed.find(",failed,crashed,"), std::string::npos) << failed;
}

TEST(OpenMetrics, HasEachFamilyInOnePieceAndAnEnd) {
  for (const Source& source : {source_of(measured()), source_of(some_ab_result())}) {
    const std::string text = exported("openmetrics", source);
    EXPECT_TRUE(text.ends_with("\n# EOF\n"));
    EXPECT_EQ(count(text, "# TYPE contend_metric gauge\n"), 1U);
  }
  const std::string text = exported("openmetrics", source_of(some_ab_result()));
  EXPECT_NE(text.find("contend_metric{cell=\"echo/one/64\",engine=\"one\",workload=\"echo\",metric="
                      "\"latency_p50_ns\",side=\"head\",unit=\"ns\"} 420000\n"),
            std::string::npos)
      << text;
}

class Series : public ::testing::Test {
 protected:
  std::vector<std::string> written() const {
    return find_format("otava").write(sources_, {.branch = "main", .out = "x.csv"});
  }
  void add(const char* id, const char* started_at) {
    Result result = measured();
    result.run.id = id;
    result.run.started_at = started_at;
    sources_.push_back(source_of(std::move(result)));
  }
  Result& last() { return std::get<Result>(sources_.back().content); }

  std::vector<Source> sources_;
};

TEST_F(Series, HasARowAResultInTheOrderOfTime) {
  add("second", "2026-11-24T00:00:00Z");
  add("first", "2026-11-23T00:00:00Z");
  const auto texts = written();
  EXPECT_TRUE(texts[0].starts_with("time,commit,branch,run,echo/one/4 cpu_ns_per_operation,"))
      << texts[0];
  EXPECT_LT(texts[0].find("2026-11-23T00:00:00Z,,main,first,"),
            texts[0].find("2026-11-24T00:00:00Z,,main,second,"));
  EXPECT_EQ(count(texts[0], "\r\n"), 3U);
  EXPECT_NE(texts[1].find("\"throughput_per_s\":\n        column: \"echo/one/4 throughput_per_s\"\n"
                          "        direction: 1\n"),
            std::string::npos)
      << texts[1];
  EXPECT_NE(texts[1].find("attributes: [commit, branch, run]"), std::string::npos);
}

TEST_F(Series, LeavesOutWhatNotEachResultHas) {
  add("first", "2026-11-23T00:00:00Z");
  add("second", "2026-11-24T00:00:00Z");
  last().cells[0].metrics.erase("latency_p50_ns");
  const auto texts = written();
  EXPECT_EQ(texts[0].find("latency_p50_ns"), std::string::npos);
  EXPECT_EQ(texts[1].find("latency_p50_ns"), std::string::npos);
  EXPECT_NE(texts[1].find("throughput_per_s"), std::string::npos);
}

TEST_F(Series, AreOfOneMachineOneSuiteAndOneBase) {
  add("first", "2026-11-23T00:00:00Z");
  add("second", "2026-11-24T00:00:00Z");
  last().machine.fingerprint = "other";
  EXPECT_TRUE(complains([&] { written(); }, "different machines"));
  sources_.pop_back();
  add("second", "2026-11-24T00:00:00Z");
  last().run.suite = "other";
  EXPECT_TRUE(complains([&] { written(); }, "different suites"));
  sources_.pop_back();
  add("first", "2026-11-24T00:00:00Z");
  EXPECT_TRUE(complains([&] { written(); }, "the run 'first' is there twice"));
  sources_ = {source_of(some_ab_result()), source_of(some_ab_result())};
  std::get<ab::AbResult>(sources_[1].content).base.sha256 = std::string(64, 'c');
  EXPECT_TRUE(complains([&] { written(); }, "different bases"));
}

TEST(Formats, AreFoundByTheirNames) {
  for (const Format& format : formats()) EXPECT_EQ(&find_format(format.name), &format);
  EXPECT_TRUE(complains([] { find_format("xml"); }, "no format 'xml'; there are markdown, junit"));
}

}  // namespace
}  // namespace contend::exports
