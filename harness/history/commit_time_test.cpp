// Times of commits: what is read, what is refused, and that neither depends on luck.
#include "harness/history/commit_time.hpp"

#include <fmt/chrono.h>
#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "harness/base/random.hpp"
#include "harness/testing/testing.hpp"

namespace contend::history {
namespace {

using contend::testing::complains;

TEST(CommitTime, IsTurnedToUtc) {
  EXPECT_EQ(utc_time("2026-11-26T08:15:00Z", "x"), "2026-11-26T08:15:00Z");
  EXPECT_EQ(utc_time("2026-11-26T08:15:00.123Z", "x"), "2026-11-26T08:15:00.123Z");
  EXPECT_EQ(utc_time("2026-11-26T09:15:00+01:00", "x"), "2026-11-26T08:15:00Z");
  EXPECT_EQ(utc_time("2026-12-31T23:30:00-0130", "x"), "2027-01-01T01:00:00Z");
  EXPECT_EQ(utc_time("2024-03-01T00:30:00.5+01:00", "x"), "2024-02-29T23:30:00.5Z");
}

TEST(CommitTime, IsRefusedWhereItIsNone) {
  for (const char* const text :
       {"", "yesterday", "2026-11-26", "2026-11-26 08:15:00Z", "2026-11-26T08:15:00",
        "2026-02-29T08:15:00Z", "2026-13-01T08:15:00Z", "2026-11-26T24:00:00Z",
        "2026-11-26T08:60:00Z", "2026-11-26T08:15:60Z", "2026-11-26T08:15:00.Z",
        "2026-11-26T08:15:00.1234567890Z", "2026-11-26T08:15:00+1:00", "2026-11-26T08:15:00+24:00",
        "2026-11-26T08:15:00Zx", "-026-11-26T08:15:00Z", "0000-01-01T00:00:00+01:00"})
    EXPECT_TRUE(complains([&] { utc_time(text, "--time"); }, "--time: must be a time such as"))
        << text;
}

TEST(CommitTime, IsTheSameMomentWhateverTheOffset) {
  std::mt19937_64 generator(20261126);
  for (int i = 0; i < testing::random_cases(20'000); ++i) {
    const auto second = static_cast<std::time_t>(uniform_below(generator, 4'000'000'000));
    const auto offset = static_cast<int>(uniform_below(generator, 2 * 1439 + 1)) - 1439;
    const auto text = [](std::time_t at) { return fmt::format("{:%FT%T}", fmt::gmtime(at)); };
    const std::string there =
        fmt::format("{}{}{:02}:{:02}", text(second + offset * 60), offset < 0 ? '-' : '+',
                    std::abs(offset) / 60, std::abs(offset) % 60);
    if (second + offset * 60 < 0) continue;
    EXPECT_EQ(utc_time(there, "x"), text(second) + "Z") << there;
  }
}

TEST(CommitTime, IsReadOrRefusedWhateverIsChanged) {
  std::mt19937_64 generator(7);
  const std::string whole = "2026-11-26T09:15:00.25+01:00", letters = "0129-+:.TZ \xff";
  int read = 0;
  for (int i = 0; i < testing::random_cases(100'000); ++i) {
    std::string text = whole;
    for (std::uint64_t left = 1 + uniform_below(generator, 3); left > 0; --left) {
      const std::size_t at = uniform_below(generator, text.size());
      const char letter = letters[uniform_below(generator, letters.size())];
      if (uniform_below(generator, 4) == 0)
        text.erase(at, 1);
      else
        text[at] = letter;
    }
    try {
      const std::string time = utc_time(text, "x");
      EXPECT_EQ(utc_time(time, "x"), time) << text;
      ++read;
    } catch (const std::invalid_argument&) {
    }
  }
  EXPECT_GT(read, testing::random_cases(1000)) << "too few changes left a time to tell anything";
  EXPECT_LT(read, 99'000);
}

}  // namespace
}  // namespace contend::history
