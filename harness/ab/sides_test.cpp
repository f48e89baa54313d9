// The two hosts that are compared: their commands as words, and what both can play.
#include "harness/ab/sides.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "harness/base/json.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using namespace std::chrono_literals;
using contend::testing::complains;

HostEngine some_engine(const char* name, std::optional<std::string> unavailable = {}) {
  return {.name = name,
          .summary = "",
          .roles = {Role::run, Role::serve},
          .unavailable = std::move(unavailable)};
}

TEST(Sides, AreComparedByWhatBothCanPlay) {
  const Suite suite = parse_suite(parse_json(R"({"name": "s", "rounds": 1, "cells": [
        {"workload": "fib", "engines": ["new", "old", "both", "ill"], "parameters": {"n": 3}},
        {"workload": "newer", "engines": ["both"]}, {"workload": "fib", "variant": "all"}]})",
                                             "s"),
                                  "s");
  HostWorkload fib_of_base{
      .name = "fib", .summary = "", .role = Role::run, .kinds = {}, .parameters = {}};
  fib_of_base.parameters = {
      {.name = "n", .meaning = "", .fallback = 1, .minimum = 1, .maximum = 9}};
  HostWorkload fib_of_head = fib_of_base, newer = fib_of_base;
  fib_of_head.parameters.push_back(
      {.name = "more", .meaning = "", .fallback = 5, .minimum = 1, .maximum = 9});
  newer.name = "newer";
  MeasuredSide base, head;
  base.host = {.engines = {some_engine("old"), some_engine("both"), some_engine("ill")},
               .workloads = {fib_of_base}};
  head.host = {.engines = {some_engine("new"), some_engine("ill", "not here"), some_engine("both")},
               .workloads = {newer, fib_of_head}};
  const std::vector<std::string> told = match_cells(suite, {}, 200ms, base, head);
  std::vector<std::string> of_base, of_head;
  for (const Cell& cell : base.cells) of_base.push_back(cell.id());
  for (const Cell& cell : head.cells) of_head.push_back(cell.id());
  EXPECT_EQ(of_base, (std::vector<std::string>{"fib/both", "fib/both/all"}));
  EXPECT_EQ(of_head, of_base);
  EXPECT_EQ(base.cells[0].options.parameters.size(), 1U);
  EXPECT_EQ(head.cells[0].options.parameters.at("more"), 5);
  const std::string all = fmt::format("{}", fmt::join(told, "\n"));
  for (const char* line : {"fib/old: only the base", "fib/ill: only the base",
                           "fib/new: only the head", "newer/both: only the head"})
    EXPECT_NE(all.find(line), std::string::npos) << line << " in\n" << all;

  const auto unknown = [&](const char* text) { return parse_suite(parse_json(text, "s"), "s"); };
  EXPECT_TRUE(complains(
      [&] {
        match_cells(unknown(R"({"name": "s", "rounds": 1, "cells": [
          {"workload": "fib", "engines": ["fast"]}]})"),
                    {}, 200ms, base, head);
      },
      "no engine 'fast'"));
}

TEST(Words, ArePartedBySpacesButForQuotes) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(words_of("a  b\tc"), (Words{"a", "b", "c"}));
  EXPECT_EQ(words_of("python3 'my host.py' --x=\"1 2\""),
            (Words{"python3", "my host.py", "--x=1 2"}));
  EXPECT_EQ(words_of("a '' b"), (Words{"a", "", "b"}));
  EXPECT_EQ(words_of("it\"'\"s"), (Words{"it's"}));
  EXPECT_TRUE(complains([] { words_of(" "); }, "empty"));
  EXPECT_TRUE(complains([] { words_of("''"); }, "empty"));
  EXPECT_TRUE(complains([] { words_of("a 'b"); }, "no end"));
}

}  // namespace
}  // namespace contend::ab
