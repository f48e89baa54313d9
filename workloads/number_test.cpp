// Numbers in text: what is written is read, and nothing else is.
#include "workloads/number.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

namespace contend {
namespace {

TEST(ParseNumber, ReadsWhatIsWritten) {
  std::mt19937_64 random(20261126);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t any = random() >> (random() % 64);
    EXPECT_EQ(parse_number<std::uint64_t>(std::to_string(any)), any);
    const auto of_either_sign = static_cast<std::int64_t>(any);
    EXPECT_EQ(parse_number<std::int64_t>(std::to_string(of_either_sign)), of_either_sign);
    EXPECT_EQ(parse_number<std::uint16_t>(std::to_string(any)).has_value(), any <= UINT16_MAX);
  }
  EXPECT_EQ(parse_number<double>("2.5e3"), 2500);
  EXPECT_EQ(parse_number<double>("2.5", std::chars_format::fixed), 2.5);
}

TEST(ParseNumber, RefusesWhatIsMoreThanANumberOrLess) {
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "x1", "0x1", "1.", "--1", "-"})
    EXPECT_EQ(parse_number<std::int64_t>(text), std::nullopt) << text;
  EXPECT_EQ(parse_number<std::uint64_t>("-1"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_number<double>("1e3", std::chars_format::fixed), std::nullopt);
  for (const char* text : {"nan", "-nan", "NaN", "nan(1)", "inf", "-inf", "infinity", "1e999"})
    EXPECT_EQ(parse_number<double>(text), std::nullopt) << text;
}

}  // namespace
}  // namespace contend
