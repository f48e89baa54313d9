// JSON as text: whatever bytes are in it, it can be read again.
#include "workloads/json_text.hpp"

#include <gtest/gtest.h>

namespace contend {
namespace {

using nlohmann::json;

TEST(JsonText, ReplacesWhatIsNotUtf8) {
  const json value{{"a", 1}, {"b\xc3", {"x\xff\xfey", "\xed\xa0\x80", "h\u00e9"}}};
  const json read = json::parse(json_text(value));
  EXPECT_EQ(read["a"], 1);
  EXPECT_EQ(read["b\uFFFD"][0], "x\uFFFD\uFFFDy");
  EXPECT_EQ(read["b\uFFFD"][2], "h\u00e9");
  EXPECT_EQ(json_text(nlohmann::ordered_json{{"z", "\xff"}, {"a", 1}}),
            "{\"z\":\"\uFFFD\",\"a\":1}");
}

TEST(JsonText, IsWhatNlohmannWritesOfUtf8) {
  const json value{{"a", {1, 2.5, nullptr}}, {"h\u00e9", "\n\""}};
  EXPECT_EQ(json_text(value), value.dump());
  EXPECT_EQ(json_text(value, 2), value.dump(2));
}

}  // namespace
}  // namespace contend
