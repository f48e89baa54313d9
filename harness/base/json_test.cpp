// Strict reading: each wrong field is named, with its place.
#include "harness/base/json.hpp"

#include <gtest/gtest.h>

#include "harness/testing/testing.hpp"

namespace contend {
namespace {

using nlohmann::json;
using testing::complains;

TEST(Fields, ReadsWhatIsThere) {
  const json value = {{"n", 3},      {"x", 0.5},     {"b", true},
                      {"s", "text"}, {"z", nullptr}, {"l", {"a", "b"}}};
  Fields fields(value, "file.json");
  EXPECT_EQ(fields.integer("n"), 3);
  EXPECT_EQ(fields.number("x"), 0.5);
  EXPECT_EQ(fields.number("n"), 3);
  EXPECT_TRUE(fields.boolean("b"));
  EXPECT_EQ(fields.string("s"), "text");
  EXPECT_FALSE(fields.nullable_string("z"));
  EXPECT_EQ(fields.integer_or("absent", 7, 0, 9), 7);
  EXPECT_TRUE(fields.boolean_or("b", false));
  EXPECT_TRUE(fields.boolean_or("absent", true));
  EXPECT_EQ(fields.strings("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_NO_THROW(fields.finish());
}

TEST(Fields, NamesTheFileTheFieldAndWhatItMustBe) {
  const json value = {{"n", 3}, {"big", UINT64_MAX}, {"list", {{{"s", 1}}}}};
  Fields fields(value, "file.json");
  EXPECT_TRUE(complains([&] { fields.integer("m"); }, "file.json: m: is missing"));
  EXPECT_TRUE(complains([&] { fields.string("n"); }, "file.json: n: must be a string, not '3'"));
  EXPECT_TRUE(complains([&] { fields.integer("n", 4, 9); }, "must be from 4 to 9, not 3"));
  EXPECT_TRUE(complains([&] { fields.integer("n", 4); }, "must be at least 4, not 3"));
  EXPECT_TRUE(complains([&] { fields.integer("big"); }, "must be an integer"));
  EXPECT_TRUE(complains([&] { fields.choice("n", {"a"}); }, "must be a string"));
  EXPECT_TRUE(
      complains([&] { fields.boolean_or("n", true); }, "n: must be true or false, not '3'"));
  EXPECT_TRUE(complains([&] { fields.strings("n"); }, "n: must be an array"));
  EXPECT_TRUE(complains([&] { fields.strings("list"); }, "list[0]: must be a string"));
  fields.each("list", [](const json& element, const std::string& where) {
    EXPECT_TRUE(complains([&] { Fields(element, where).string("s"); },
                          "file.json: list[0].s: must be a string"));
  });
}

TEST(Fields, RefusesWhatNobodyAskedFor) {
  const json value = {{"rounds", 3}, {"roudns", 4}};
  Fields fields(value, "file.json");
  fields.integer("rounds");
  EXPECT_TRUE(complains([&] { fields.finish(); }, "no field 'roudns' here; there are rounds"));
}

TEST(Fields, TellsWhereTextIsNoJson) {
  EXPECT_TRUE(
      complains([] { parse_json("{\"a\": }", "file.json"); }, "file.json: not JSON at byte 7"));
  EXPECT_TRUE(testing::complains([] { parse_json("1e999", "file.json"); }, "file.json: "));
}

TEST(ParseJson, RefusesWhatIsNestedDeeperThanItsReadersGo) {
  const auto nested = [](std::size_t levels, const std::string& open, const std::string& close) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text;
  };
  for (const auto& [open, close] : {std::pair{"[", "]"}, {"{\"a\": ", "}"}, {"[[1], ", "]"}}) {
    EXPECT_NO_THROW(parse_json(nested(99, open, close), "f"));
    for (const std::size_t levels : {101, 60'000})
      EXPECT_TRUE(complains([&] { parse_json(nested(levels, open, close), "file.json"); },
                            "file.json: is nested deeper than 100 levels"))
          << levels << open;
  }
  EXPECT_NO_THROW(parse_json(nested(100, "[", "]"), "f"));
  EXPECT_NO_THROW(
      parse_json("[" + nested(98, "[", "]") + ", \"" + std::string(200, '[') + "\"]", "f"));
  EXPECT_TRUE(complains([&] { parse_json(nested(60'000, "[", ""), "f"); }, "f: is nested deeper"));
}

TEST(Shown, IsOneSafeLineOfBoundedLength) {
  EXPECT_EQ(quote_for_display("a\n\x1b[31m\xff"), "'a\\x0a\\x1b[31m\ufffd'");
  EXPECT_EQ(quote_for_display(std::string(100, 'x'), 3), "'xxx...'");
}

}  // namespace
}  // namespace contend
