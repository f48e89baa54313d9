// What comparing two sides found: the verdict of the whole, and JSON there and back.
#include "harness/ab/ab_result.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/ab/ab_testing.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::ab {
namespace {

using contend::testing::complains;
using contend::testing::some_ab_result;
using nlohmann::json;

TEST(AbResult, IsAsBadAsItsWorstComparison) {
  AbResult result = some_ab_result();
  const auto without = [&](Verdict verdict) {
    std::erase_if(result.comparisons, [&](const Comparison& c) { return c.verdict == verdict; });
    return result.verdict();
  };
  EXPECT_EQ(result.verdict(), Verdict::regressed);
  EXPECT_EQ(without(Verdict::regressed), Verdict::invalid);
  EXPECT_EQ(without(Verdict::invalid), Verdict::inconclusive);
  EXPECT_EQ(without(Verdict::inconclusive), Verdict::improved);
  EXPECT_EQ(without(Verdict::improved), Verdict::unchanged);
  EXPECT_EQ(without(Verdict::unchanged), Verdict::invalid) << "nothing was compared";
}

TEST(AbResult, IsTheSameAfterItWasWrittenAndRead) {
  const json written = to_json(some_ab_result());
  EXPECT_EQ(to_json(parse_ab_result(written, "x")), written);
}

TEST(AbResult, IsRefusedByTheNameOfTheFieldThatIsWrong) {
  const json whole = to_json(some_ab_result());
  const auto changed = [&](const char* pointer, json value) {
    json copy = whole;
    copy[json::json_pointer(pointer)] = std::move(value);
    return copy;
  };
  const auto refused = [](const json& value, const char* what) {
    return complains([&] { parse_ab_result(value, "ab.json"); }, what);
  };
  EXPECT_TRUE(refused(changed("/schema_version", 2), "schema_version"));
  EXPECT_TRUE(refused(changed("/surprise", 1), "surprise"));
  EXPECT_TRUE(refused(changed("/verdict", "unchanged"), "verdict: must be regressed"));
  EXPECT_TRUE(refused(changed("/counts/improved", 2), "counts.improved"));
  EXPECT_TRUE(refused(changed("/cells/0/id", "echo/two/64"), "comparisons[0].cell"));
  EXPECT_TRUE(refused(changed("/cells/1/connections", 4), "cells[1].connections"));
  EXPECT_TRUE(refused(changed("/comparisons/1/ratio", 0.0), "comparisons[1].ratio"));
  EXPECT_TRUE(refused(changed("/comparisons/1/ratio", json()), "comparisons[1].ratio"));
  EXPECT_TRUE(refused(changed("/comparisons/1/verdict", "slower"), "comparisons[1].verdict"));
  EXPECT_TRUE(refused(changed("/base/sha256", 7), "base.sha256"));
  EXPECT_TRUE(refused(changed("/cells/1/id", whole["cells"][0]["id"]), "cells[1].id: another"));
  EXPECT_TRUE(refused(changed("/comparisons/1", whole["comparisons"][0]),
                      "comparisons[1].metric: is there twice"));
}

TEST(AbResult, IsReadOrRefusedWhateverIsChanged) {
  JsonChanger changer(to_json(some_ab_result()), 20261126);
  const auto anything = [](std::mt19937_64& generator) -> json {
    switch (uniform_below(generator, 6)) {
      case 0: return json();
      case 1: return -1;
      case 2: return 1e300;
      case 3: return "regressed";
      case 4: return json::array({1});
      default: return json::object({{"id", "x"}});
    }
  };
  for (int i = 0; i < testing::random_cases(20'000); ++i) {
    const json value = changer.changed(anything, 3);
    try {
      const AbResult result = parse_ab_result(value, "x");
      EXPECT_EQ(to_json(parse_ab_result(to_json(result), "x")), to_json(result));
    } catch (const std::invalid_argument&) {
    }
  }
}

}  // namespace
}  // namespace contend::ab
