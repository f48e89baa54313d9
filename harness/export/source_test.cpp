// What is read as a result or a comparison: what is refused, and that every format can write the
// rest.
#include "harness/export/source.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/export/export_testing.hpp"
#include "harness/testing/json_testing.hpp"
#include "harness/testing/testing.hpp"

namespace contend::exports {
namespace {

using nlohmann::json;
using testing::complains;
using testing::exported;
using testing::measured;
using testing::some_ab_result;

/// Any number of any size where a number is, and some that are none.
json anything(std::mt19937_64& generator) {
  static const std::vector<double> numbers{0, -1, 5e-324, 1e-300, 1e300, 1.7976931348623157e308};
  switch (uniform_below(generator, 5)) {
    case 0: return json();
    case 1: return testing::hostile_text(generator);
    case 2: return json::object();
    default: return numbers[uniform_below(generator, numbers.size())];
  }
}

/// Whatever is read is written, or refused with a reason; no number that is none is ever written.
void expect_each_format(const Source& source) {
  for (const Format& format : formats()) {
    try {
      for (const Direction direction : {Direction::smaller, Direction::bigger}) {
        const std::string text = exported(format.name, source, {.direction = direction});
        for (const char* wrong : {" nan", " inf", " -inf", ",nan", ",inf", "\": null"})
          EXPECT_EQ(text.find(wrong), std::string::npos) << format.name << wrong << text;
      }
    } catch (const std::invalid_argument&) {
    }
  }
}

TEST(Formats, WriteOrRefuseWhateverIsRead) {
  JsonChanger comparisons(to_json(some_ab_result()), 11), results(to_json(measured()), 12);
  int read = 0;
  for (int i = 0; i < testing::random_cases(4'000); ++i)
    for (JsonChanger* const changer : {&comparisons, &results}) {
      const json changed = changer->changed(anything);
      try {
        const Source source = parse_source(changed, "x/result.json");
        ++read;
        // A side's slices are in files, which are none here.
        if (source.comparison() != nullptr) {
          EXPECT_TRUE(
              complains([&] { exported("google-benchmark", source); }, "x/head/result.json"));
        }
        expect_each_format(source);
      } catch (const std::invalid_argument&) {
      }
    }
  EXPECT_GT(read, testing::random_cases(200)) << "or nothing was tested";
}

TEST(Sources, RefuseWhatIsNeither) {
  EXPECT_TRUE(complains([] { parse_source(json::object(), "x.json"); }, "neither samples nor"));
  EXPECT_TRUE(complains([] { parse_source(json::array(), "x.json"); }, "x.json"));
}

}  // namespace
}  // namespace contend::exports
