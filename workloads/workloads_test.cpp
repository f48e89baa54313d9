// The list of workloads, and parameters: what is given, what is assumed and what is refused.
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr ParameterSpec specs[] = {
    {"size", 64, 1, 100, "a size"},
    {"count", 0, -5, 5, "a count"},
};

std::string refusal(const std::map<std::string, std::int64_t>& given) {
  try {
    const Parameters parameters(specs, given);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Parameters, FallBackWhereNothingIsGiven) {
  const Parameters parameters(specs, {{"count", 3}});
  EXPECT_EQ(parameters["size"], 64);
  EXPECT_EQ(parameters["count"], 3);
  EXPECT_EQ(parameters.all().size(), 2U);
}

TEST(Parameters, TakeTheEndsOfTheRange) {
  const Parameters smallest(specs, {{"size", 1}, {"count", -5}});
  EXPECT_EQ(smallest["size"], 1);
  EXPECT_EQ(smallest["count"], -5);
  const Parameters largest(specs, {{"size", 100}, {"count", 5}});
  EXPECT_EQ(largest["size"], 100);
  EXPECT_EQ(largest["count"], 5);
}

TEST(Parameters, RefuseWhatIsOutside) {
  EXPECT_EQ(refusal({{"size", 0}}), "parameter size is 0, outside 1 to 100");
  EXPECT_EQ(refusal({{"size", 101}}), "parameter size is 101, outside 1 to 100");
  EXPECT_EQ(refusal({{"count", -6}}), "parameter count is -6, outside -5 to 5");
}

TEST(Parameters, AreParsedOrRefusedWhole) {
  using Given = std::map<std::string, std::int64_t>;
  const auto parse = [](std::vector<std::string> settings) { return Parameters::parse(settings); };
  EXPECT_EQ(parse({"a=1", "b=-2", "a=9223372036854775807"}), (Given{{"a", INT64_MAX}, {"b", -2}}));
  for (const char* wrong : {"", "a", "a=", "a=1x", "a= 1", "a=+1", "a=9223372036854775808"})
    EXPECT_THROW(parse({wrong}), std::invalid_argument) << wrong;
}

TEST(Parameters, RefuseUnknownNamesAndTellTheKnown) {
  EXPECT_EQ(refusal({{"sise", 3}}), "no parameter 'sise' here; there are size, count");
  EXPECT_EQ(refusal({{"", 3}}), "no parameter '' here; there are size, count");
}

TEST(Parameters, ThrowForANameThatIsNotListed) {
  const Parameters parameters(specs, {});
  EXPECT_THROW(parameters["sise"], std::out_of_range);
}

TEST(Workloads, AreFoundByName) {
  for (const Workload& workload : workloads())
    EXPECT_EQ(&find_workload(workload.name), &workload) << workload.name;
}

TEST(Workloads, UnknownOnesAreRefusedWithTheKnown) {
  try {
    find_workload("ecko");
    FAIL() << "found";
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("no workload 'ecko'; there are echo, "))
        << error.what();
  }
}

TEST(Workloads, AreListedCompletely) {
  std::set<std::string_view> names;
  for (const Workload& workload : workloads()) {
    EXPECT_TRUE(names.insert(workload.name).second) << workload.name << " is there twice";
    EXPECT_FALSE(workload.summary.empty()) << workload.name;
    switch (workload.role) {
      case Role::serve: EXPECT_NE(workload.service, nullptr) << workload.name; [[fallthrough]];
      case Role::drive: EXPECT_NE(workload.client, nullptr) << workload.name; break;
      case Role::run: EXPECT_NE(workload.jobs, nullptr) << workload.name; break;
      case Role::lesson: EXPECT_EQ(workload.jobs, nullptr) << workload.name; break;
    }
    for (const ParameterSpec& spec : workload.parameters) {
      EXPECT_LE(spec.minimum, spec.fallback) << workload.name << ' ' << spec.name;
      EXPECT_LE(spec.fallback, spec.maximum) << workload.name << ' ' << spec.name;
      EXPECT_FALSE(spec.meaning.empty()) << workload.name << ' ' << spec.name;
    }
    EXPECT_EQ(Parameters(workload.parameters, {}).all().size(), workload.parameters.size())
        << workload.name << " lists a parameter twice";
  }
}

TEST(ReplyErrors, AllHaveNames) {
  std::set<std::string_view> names;
  for (std::size_t kind = 0; kind < reply_error_count; ++kind)
    names.insert(to_string(static_cast<ReplyError>(kind)));
  EXPECT_EQ(names.size(), reply_error_count);
}

}  // namespace
}  // namespace contend
