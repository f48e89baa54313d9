// The course: what it reads, what it compares, and when a claim holds.
#include "harness/bench/course.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "harness/base/json.hpp"
#include "harness/bench/result_testing.hpp"

namespace contend {
namespace {

using nlohmann::json;

json valid() {
  return json::parse(R"({"suite": "course",
    "pairs": [{"ours": "one", "python": "other"}],
    "items": [{"name": "fib", "title": "Two numbers", "expected": "The sum.", "scenarios": ["fib"],
      "claims": [{"says": "twice as fast", "of": {"cell": "fib/other"}, "per": {"cell": "fib/one"},
                  "at_least": 1.5}]}]})");
}

std::string course_refusal(const json& course) {
  try {
    parse_course(course, "course.json");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

/// Two engines that ran one workload three times each.
Result measured(std::vector<double> one_ms, std::vector<double> other_ms) {
  Result result;
  result.placement = {.engine_cpus = {0}, .load_cpus = {1}, .pinned = true, .note = {}};
  std::vector<Cell> cells;
  for (const auto& [engine, times] : {std::pair("one", one_ms), std::pair("other", other_ms)}) {
    Cell cell{
        .engine = engine, .workload = "fib", .role = Role::run, .connections = 0, .options = {}};
    for (const double ms : times) {
      Sample sample;
      sample.cell = cell.id();
      sample.operations = 1;
      sample.metrics["wall_ns"] = ms * 1e6;
      sample.spans.push_back({.lane = 0,
                              .start_ns = 0,
                              .compute_ns = {},
                              .finish_ns = static_cast<std::int64_t>(ms * 1e6),
                              .ok = true});
      result.samples.push_back(sample);
    }
    cells.push_back(cell);
  }
  result.cells = aggregate(cells, result.samples);
  return result;
}

TEST(Course, TheOneThatComesWithContendIsRight) {
  const Course course = load_course();
  EXPECT_EQ(course.suite, "course");
  EXPECT_EQ(course.items.size(), 8U);
  const Suite suite = load_suite(course.suite);
  EXPECT_FALSE(suite.scaling.empty());
}

TEST(Course, RefusesWhatItDoesNotUnderstandByName) {
  json course = valid();
  EXPECT_EQ(course_refusal(course), "accepted");
  course["items"][0]["claims"][0].erase("at_least");
  EXPECT_NE(course_refusal(course).find("items[0].claims[0].at_least"), std::string::npos);
  course = valid();
  course["items"][0]["claims"][0]["of"]["lanes"] = 1;
  EXPECT_NE(course_refusal(course).find("lanes"), std::string::npos);
  course = valid();
  course["pairs"][0] = json::array({"one", "other"});
  EXPECT_NE(course_refusal(course).find("pairs[0]"), std::string::npos);
}

TEST(Course, AnyMutationParsesOrIsRefused) {
  const std::string text = valid().dump();
  std::mt19937 random(7);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string mutated = text;
    for (int change = 0; change < 3; ++change)
      mutated[random() % mutated.size()] = static_cast<char>(' ' + random() % 95);
    try {
      parse_course(parse_json(mutated, "course.json"), "course.json");
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string_view(error.what()).substr(0, 11), "course.json");
    }
  }
}

TEST(Course, AClaimIsARatioOfMedians) {
  const Claim claim = parse_course(valid(), "").items[0].claims[0];
  const Verdict holds = judge(claim, measured({10, 11, 50}, {22, 20, 1}));
  EXPECT_EQ(holds.kind, Verdict::Kind::holds);
  EXPECT_NEAR(*holds.ratio, 20.0 / 11.0, 1e-9);
  const Verdict fails = judge(claim, measured({10, 10, 10}, {12, 12, 12}));
  EXPECT_EQ(fails.kind, Verdict::Kind::fails);
}

TEST(Course, AClaimMayBeOfWhenALaneFinished) {
  Claim claim = parse_course(valid(), "").items[0].claims[0];
  claim.of.lane = claim.per.lane = 0;
  EXPECT_NEAR(*judge(claim, measured({10}, {30})).ratio, 3.0, 1e-9);
  claim.of.lane = 7;
  EXPECT_EQ(judge(claim, measured({10}, {30})).kind, Verdict::Kind::not_measured);
}

TEST(Course, WhatWasNotMeasuredFailsNothing) {
  const Course course = parse_course(valid(), "");
  const Result result = measured({10}, {});
  const Verdict verdict = judge(course.items[0].claims[0], result);
  EXPECT_EQ(verdict.kind, Verdict::Kind::not_measured);
  EXPECT_NE(verdict.reason.find("fib/other"), std::string::npos);
  EXPECT_FALSE(any_claim_fails(course, result));
  Claim wide = course.items[0].claims[0];
  wide.cpus = 3;
  EXPECT_NE(judge(wide, measured({10}, {30})).reason.find("needs 3 CPUs"), std::string::npos);
}

TEST(Course, RowsAreComparedToTheFirstAndToTheOtherLanguage) {
  const Course course = parse_course(valid(), "");
  const Result result = measured({10, 10, 10}, {40, 40, 40});
  const auto rows = rows_of(course.items[0], course, result);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_NEAR(*rows[0].of_first, 1.0, 1e-9);
  EXPECT_NEAR(*rows[0].of_partner, 4.0, 1e-9);
  EXPECT_EQ(rows[0].partner, "other");
  EXPECT_NEAR(*rows[1].of_first, 0.25, 1e-9);
  EXPECT_FALSE(rows[1].of_partner);
  EXPECT_NE(course_text(course, result).find("twice as fast: 4.00 (at least 1.5)"),
            std::string::npos);
  EXPECT_NE(course_markdown(course, result).find("| fib | one | 10 ms |"), std::string::npos);
  Result noted = result;
  for (Sample& sample : noted.samples) sample.notes = {"<Task|>"};
  EXPECT_NE(course_markdown(course, noted).find("- fib: &#60;Task&#124;&#62;"), std::string::npos)
      << course_markdown(course, noted);
  EXPECT_EQ(course_json(course, result)["items"][0]["claims"][0]["verdict"], "holds");
}

TEST(Course, ItemsCanBeChosen) {
  Course course = parse_course(valid(), "");
  Selection selection;
  select_items(course, {"fib"}, selection);
  EXPECT_EQ(selection.scenarios, std::vector<std::string>{"fib"});
  EXPECT_THROW(select_items(course, {"nothing"}, selection), std::invalid_argument);
}

TEST(Suite, ScalesInProportionAndByTheGoldenRatio) {
  Suite suite = parse_suite(json::parse(R"({"name": "x", "rounds": 1,
      "scaling": {"n": "fibonacci", "wait_ms": "linear"},
      "cells": [{"workload": "fib", "parameters": {"n": 40, "jobs": 2, "wait_ms": 0}},
                {"workload": "sleep", "parameters": {"jobs": 3, "wait_ms": 1000}}]})"),
                            "x.json");
  rescale(suite, 0.01);
  EXPECT_EQ(suite.entries[0].options.parameters.at("n"), 30);  // 1.618 ^ -10 = 0.008
  EXPECT_EQ(suite.entries[0].options.parameters.at("jobs"), 2);
  EXPECT_EQ(suite.entries[0].options.parameters.at("wait_ms"), 0);
  EXPECT_EQ(suite.entries[1].options.parameters.at("wait_ms"), 10);
  rescale(suite, 1e-6);
  EXPECT_EQ(suite.entries[1].options.parameters.at("wait_ms"), 1);
  suite.scaling.clear();
  EXPECT_THROW(rescale(suite, 2), std::invalid_argument);
}

}  // namespace
}  // namespace contend
