// Reading what programs made with Google Benchmark print: names, times in every unit, errors, and
// what is refused, however it was changed.
#include "harness/ab/benchmark_report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <set>

#include "harness/process/child.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using contend::testing::complains;
using nlohmann::json;
using Names = std::vector<std::string>;

json some_run() {
  return {{"name", "record"},     {"family_index", 0},       {"per_family_instance_index", 0},
          {"run_name", "record"}, {"repetitions", 1},        {"repetition_index", 0},
          {"threads", 1},         {"run_type", "iteration"}, {"iterations", 1000},
          {"real_time", 12.5},    {"cpu_time", 10.0},        {"time_unit", "us"},
          {"allocations", 0.0}};
}

/// As version 1.7.1 writes it, but shorter.
json report_of(const json& runs) {
  return {{"context", {{"date", "2026-11-26T08:00:00+00:00"}, {"num_cpus", 2}}},
          {"benchmarks", runs}};
}

Sample taken(const std::vector<json>& runs) {
  Sample sample;
  take_benchmark_report(report_of(runs).dump(), "record", sample);
  return sample;
}

void expect_refused(const std::vector<json>& runs, const std::string& why) {
  EXPECT_TRUE(complains([&] { taken(runs); }, why)) << json(runs).dump();
}

TEST(BenchmarkReport, IsASampleWhoseOperationsAreIterations) {
  const Sample sample = taken({some_run()});
  EXPECT_EQ(sample.operations, 1000U);
  EXPECT_EQ(sample.window_ns, 12'500'000);
  EXPECT_DOUBLE_EQ(sample.metrics.at("throughput_per_s").value(), 80'000);
  EXPECT_DOUBLE_EQ(sample.metrics.at("cpu_ns_per_operation").value(), 10'000);
  EXPECT_EQ(sample.metrics.size(), 2U);
}

TEST(BenchmarkReport, KnowsEveryUnit) {
  for (const auto& [unit, factor] : {std::pair("ns", 1.0), {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}) {
    json run = some_run();
    run["time_unit"] = unit;
    const Sample sample = taken({run});
    EXPECT_DOUBLE_EQ(sample.metrics.at("cpu_ns_per_operation").value(), 10 * factor);
    EXPECT_DOUBLE_EQ(sample.metrics.at("throughput_per_s").value(), 1e9 / (12.5 * factor));
  }
}

TEST(BenchmarkReport, SumsRepetitionsAndLeavesAggregatesAlone) {
  json longer = some_run(), mean = some_run();
  longer.update({{"iterations", 3000}, {"real_time", 20.5}, {"cpu_time", 14.0}});
  mean.update({{"run_type", "aggregate"}, {"name", "record_mean"}, {"cpu_time", 1e6}});
  mean.erase("iterations");
  const Sample sample = taken({some_run(), longer, mean});
  EXPECT_EQ(sample.operations, 4000U);
  EXPECT_DOUBLE_EQ(sample.metrics.at("cpu_ns_per_operation").value(), 13'000);
  EXPECT_DOUBLE_EQ(sample.metrics.at("throughput_per_s").value(), 1e6 / 18.5);
}

TEST(BenchmarkReport, IsAFailureWithItsMessageWhereTheBenchmarkSaysSo) {
  json failed = some_run();
  failed.update({{"error_occurred", true}, {"error_message", "no such file"}, {"iterations", 0}});
  EXPECT_THROW(taken({failed}), ChildFailure);
  expect_refused({failed}, "record says: no such file");
  failed.erase("error_message");
  expect_refused({some_run(), failed}, "record says: error");
}

TEST(BenchmarkReport, IsRefusedWhereItIsNotAsItShouldBe) {
  const auto changed = [](const char* name, const json& value) {
    json run = some_run();
    run[name] = value;
    return std::vector<json>{run};
  };
  expect_refused({}, "has no iterations of 'record'");
  expect_refused(changed("run_name", "merge"), "must be 'record', not 'merge'");
  expect_refused(changed("run_type", "other"), "run_type");
  expect_refused(changed("time_unit", "min"), "time_unit");
  expect_refused(changed("iterations", 0), "iterations");
  expect_refused(changed("iterations", 1.5), "iterations");
  expect_refused(changed("real_time", 0), "real_time: must be above 0");
  expect_refused(changed("cpu_time", -1), "cpu_time: must not be below 0");
  expect_refused(changed("cpu_time", "fast"), "cpu_time");
  expect_refused(changed("real_time", 1e300), "thirty years");
  Sample sample;
  for (const char* text : {"", "{", "[]", "{}", R"({"benchmarks": [{"cpu_time": NaN}]})"})
    EXPECT_THROW(take_benchmark_report(text, "record", sample), std::invalid_argument) << text;
}

// Whatever is changed: finite figures above 0 that agree with each other, or refused.
TEST(BenchmarkReport, GivesNoFigureThatIsNone) {
  json longer = some_run();
  longer["iterations"] = 2'000'000;
  JsonChanger changer(report_of(json::array({some_run(), longer})), 3);
  const json values[] = {
      nullptr,   -1,        0,           1,          1e308, 1e-308,        0.5,
      "",        "ns",      "s",         "record",   true,  json::array(), json::object(),
      INT64_MAX, INT64_MIN, "iteration", "aggregate"};
  int read = 0, complained = 0;
  for (int i = 0; i < testing::random_cases(20'000); ++i) {
    const json whole = changer.changed(
        [&](std::mt19937_64& generator) {
          return values[uniform_below(generator, std::size(values))];
        },
        2);
    Sample sample;
    try {
      take_benchmark_report(whole.dump(), "record", sample);
    } catch (const std::invalid_argument&) {
      complained += 1;
      continue;
    } catch (const ChildFailure&) {
      complained += 1;
      continue;
    }
    read += 1;
    EXPECT_GE(sample.operations, 1U) << whole.dump();
    EXPECT_GE(sample.window_ns, 0) << whole.dump();
    const double rate = sample.metrics.at("throughput_per_s").value();
    EXPECT_TRUE(std::isfinite(rate) && rate > 0) << whole.dump();
    EXPECT_TRUE(std::isfinite(sample.metrics.at("cpu_ns_per_operation").value())) << whole.dump();
  }
  EXPECT_GT(read, testing::random_cases(1'000));
  EXPECT_GT(complained, testing::random_cases(1'000));
}

TEST(BenchmarkList, HasANameALine) {
  EXPECT_EQ(parse_benchmark_list("record\nmerge<int>/8\nwith a space", "p"),
            (Names{"record", "merge<int>/8", "with a space"}));
  const auto refused = [](const std::string& text, const char* why) {
    EXPECT_TRUE(complains([&] { parse_benchmark_list(text, "p"); }, why)) << text;
  };
  refused("", "p lists no benchmark");
  refused("\n", "is no name");
  refused("a\n\nb\n", "is no name");
  refused("a\x1b[0m\n", "is no name");
  refused(std::string(1001, 'a'), "is no name");
  refused("a\nb\na\n", "'a' twice");
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += fmt::format("b{}\n", i);
  refused(many, "more than 10000");
}

std::string random_name(std::mt19937_64& generator) {
  constexpr std::string_view letters = "aB9_.-/<>:, *+?$^|()[]{}\\\"'~\xc3\xa4";
  std::string name;
  for (std::uint64_t left = 1 + uniform_below(generator, 6); left > 0; --left)
    name += letters[uniform_below(generator, letters.size())];
  return name;
}

TEST(FittingNames, AreFitAndEachAnotherOne) {
  EXPECT_EQ(fitting_names({"record", "BM_x<int>/8/threads:2", "-", "a/b", "a.b", "a.b-2", "a.b"}),
            (Names{"record", "BM_x_int_.8.threads_2", "b-", "a.b", "a.b-2", "a.b-2-2", "a.b-3"}));
  std::mt19937_64 generator(8);
  const std::regex fit("[A-Za-z0-9][A-Za-z0-9_.-]*");
  for (int i = 0; i < 200; ++i) {
    Names names;
    for (int j = 0; j < 50; ++j) names.push_back(random_name(generator));
    const Names all = fitting_names(names);
    EXPECT_EQ(all.size(), names.size());
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), names.size());
    for (const std::string& one : all) EXPECT_TRUE(std::regex_match(one, fit)) << one;
  }
}

TEST(Patterns, MatchTheirNameAndNoOther) {
  std::mt19937_64 generator(9);
  for (int i = 0; i < testing::random_cases(2'000); ++i) {
    const std::string name = random_name(generator), other = random_name(generator);
    for (const auto grammar : {std::regex::extended, std::regex::ECMAScript}) {
      const std::regex pattern(pattern_of(name), grammar);
      EXPECT_TRUE(std::regex_search(name, pattern)) << name;
      EXPECT_EQ(std::regex_search(other, pattern), other == name) << name << " and " << other;
      EXPECT_FALSE(std::regex_search(name + "x", pattern)) << name;
      EXPECT_FALSE(std::regex_search("x" + name, pattern)) << name;
    }
  }
}

}  // namespace
}  // namespace contend::ab
