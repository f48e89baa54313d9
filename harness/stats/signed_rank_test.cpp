// The signed rank test and its shift, against published tables and all sign patterns of small n.
#include "harness/stats/signed_rank.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>

#include "harness/base/random.hpp"
#include "harness/stats/combination.hpp"
#include "harness/stats/holm.hpp"

namespace contend {
namespace {

// D. B. Owen, Handbook of Statistical Tables, 1962, as in Hollander, Wolfe and Chicken, table A.4:
// P(W >= w).
TEST(SignedRankDistribution, IsThatOfThePublishedTable) {
  const struct {
    std::size_t count;
    double statistic, probability;
  } table[] = {{3, 6, .125},   {4, 10, .062},  {5, 15, .031},  {6, 19, .047},  {7, 24, .055},
               {8, 30, .055},  {9, 36, .064},  {10, 44, .053}, {10, 52, .005}, {12, 60, .055},
               {12, 71, .005}, {15, 89, .053}, {15, 104, .005}};
  for (const auto& row : table) {
    const auto n = static_cast<double>(row.count);
    const double symmetric = n * (n + 1) / 2 - row.statistic;
    EXPECT_NEAR(SignedRankDistribution(row.count).at_most(symmetric), row.probability, .0006)
        << row.count << " " << row.statistic;
  }
}

TEST(SignedRankDistribution, EndsWhereTheRanksEnd) {
  const SignedRankDistribution distribution(200);
  EXPECT_EQ(distribution.at_most(-1), 0);
  EXPECT_DOUBLE_EQ(distribution.at_most(0), std::pow(0.5, 200));
  EXPECT_NEAR(distribution.at_most(200 * 201 / 4), 0.5, 0.002);
  EXPECT_NEAR(distribution.at_most(200 * 201 / 2), 1, 1e-12);
  EXPECT_EQ(distribution.at_most(1e9), 1);
  EXPECT_THROW(SignedRankDistribution(0), std::invalid_argument);
  EXPECT_THROW(SignedRankDistribution(max_exact + 1), std::invalid_argument);
}

/// Both p-values by trying all signs.
SignedRankTest by_all_signs(const std::vector<double>& differences) {
  std::vector<double> sizes;
  for (const double difference : differences)
    if (difference != 0) sizes.push_back(std::abs(difference));
  const auto rank = [&](double size) {
    const auto smaller = std::ranges::count_if(sizes, [&](double other) { return other < size; });
    const auto equal = std::ranges::count(sizes, size);
    return static_cast<double>(smaller) + static_cast<double>(equal + 1) / 2;
  };
  SignedRankTest test{.used = sizes.size()};
  for (const double difference : differences)
    if (difference > 0) test.statistic += rank(difference);
  unsigned greater = 0, less = 0;
  const unsigned patterns = 1U << sizes.size();
  for (unsigned signs = 0; signs < patterns; ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if ((signs >> i & 1U) != 0) sum += rank(sizes[i]);
    greater += sum >= test.statistic ? 1 : 0;
    less += sum <= test.statistic ? 1 : 0;
  }
  test.p_greater = static_cast<double>(greater) / patterns;
  test.p_less = static_cast<double>(less) / patterns;
  return test;
}

TEST(SignedRankTest, IsThatOfAllSignsWithTiesAndZeros) {
  std::mt19937_64 generator(1);
  for (int i = 0; i < 400; ++i) {
    std::vector<double> differences(1 + uniform_below(generator, 10));
    const std::uint64_t distinct = 2 + uniform_below(generator, 20);  // few: many ties
    for (double& difference : differences)
      difference = static_cast<double>(uniform_below(generator, distinct)) -
                   static_cast<double>(distinct / 2);
    const SignedRankTest found = signed_rank_test(differences), truth = by_all_signs(differences);
    EXPECT_EQ(found.used, truth.used);
    EXPECT_DOUBLE_EQ(found.statistic, truth.statistic);
    EXPECT_NEAR(found.p_greater, truth.p_greater, 1e-12);
    EXPECT_NEAR(found.p_less, truth.p_less, 1e-12);
  }
}

// Hollander, Wolfe and Chicken, example 3.1: the Hamilton depression scale of nine patients before
// and after (D. Salsburg, 1970). W = 5 of the differences after - before, P(W <= 5) = .020; the
// estimate is -.46, and the 96 % interval reaches from -.786 to -.010.
TEST(SignedRankTest, IsThatOfThePublishedExample) {
  const std::vector<double> before{1.83, .50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30},
      after{.878, .647, .598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  std::vector<double> differences;
  for (std::size_t i = 0; i < before.size(); ++i) differences.push_back(after[i] - before[i]);
  const SignedRankTest test = signed_rank_test(differences);
  EXPECT_EQ(test.statistic, 5);
  EXPECT_NEAR(test.p_less, .0195, .0001);
  const Shift shift = shift_of(differences, .96);
  EXPECT_NEAR(shift.estimate, -.46, .001);
  EXPECT_NEAR(*shift.low, -.786, .001);
  EXPECT_NEAR(*shift.high, -.010, .001);
}

TEST(SignedRankTest, IsHardlyOtherwiseWhereTheApproximationBegins) {
  std::mt19937_64 generator(2);
  std::vector<double> differences;
  std::normal_distribution<double> noise(0.25, 1);
  for (std::size_t i = 0; i < max_exact; ++i) differences.push_back(noise(generator));
  const double exact = signed_rank_test(differences).p_greater;
  differences.push_back(noise(generator) / 1e6);  // the smallest rank: it changes next to nothing
  const double approximate = signed_rank_test(differences).p_greater;
  EXPECT_LT(exact, 0.01);
  EXPECT_NEAR(std::log(approximate / exact), 0, 0.1) << exact << " " << approximate;
}

TEST(SignedRankTest, SaysNothingOfNothing) {
  EXPECT_EQ(signed_rank_test({}).p_greater, 1);
  const std::vector<double> zeros(5, 0.0), broken{1, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(signed_rank_test(zeros).used, 0U);
  EXPECT_EQ(signed_rank_test(zeros).p_less, 1);
  EXPECT_THROW(signed_rank_test(broken), std::invalid_argument);
}

TEST(Shift, IsTheMedianOfWalshAverages) {
  EXPECT_EQ(shift_of(std::vector{7.0}, 0.95).estimate, 7);
  EXPECT_FALSE(shift_of(std::vector{7.0}, 0.95).low);
  EXPECT_EQ(shift_of(std::vector{1.0, 2.0, 9.0}, 0.95).estimate, 3.5);  // of 1 1.5 2 5 5.5 9
  EXPECT_FALSE(shift_of(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}, 0.95).low);
  EXPECT_TRUE(shift_of(std::vector{1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, 0.95).low);
  EXPECT_THROW(shift_of({}, 0.95), std::invalid_argument);
  EXPECT_THROW(shift_of(std::vector{1.0}, 1), std::invalid_argument);
}

/// The test of "the shift is `by`", two-sided.
double p_of_shift(std::vector<double> differences, double by) {
  for (double& difference : differences) difference -= by;
  const SignedRankTest test = signed_rank_test(differences);
  return 2 * std::min(test.p_greater, test.p_less);
}

TEST(Shift, HasTheIntervalThatItsTestDoesNotReject) {
  std::mt19937_64 generator(3);
  std::normal_distribution<double> noise(1, 2);
  for (const std::size_t count : {6U, 9U, 20U, 60U}) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < count; ++i) differences.push_back(noise(generator));
    const Shift shift = shift_of(differences, 0.95);
    constexpr double little = 1e-9;
    EXPECT_GT(p_of_shift(differences, *shift.low + little), 0.05) << count;
    EXPECT_LE(p_of_shift(differences, *shift.low - little), 0.05) << count;
    EXPECT_GT(p_of_shift(differences, *shift.high - little), 0.05) << count;
    EXPECT_LE(p_of_shift(differences, *shift.high + little), 0.05) << count;
  }
}

TEST(Shift, IsCoveredAsOftenAsItSays) {
  std::mt19937_64 generator(4);
  std::exponential_distribution<double> size(1);
  for (const std::size_t count : {8U, 30U, 220U}) {
    const int runs = count > max_exact ? 400 : 2000;
    int covered = 0;
    for (int run = 0; run < runs; ++run) {
      std::vector<double> differences;
      for (std::size_t i = 0; i < count; ++i)
        differences.push_back(3 + size(generator) - size(generator));  // symmetric, long tails
      const Shift shift = shift_of(differences, 0.9);
      covered += *shift.low <= 3 && 3 <= *shift.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(covered) / runs, 0.905, 0.045) << count;
  }
}

// The four hypotheses of Wright, Adjusted p-values for simultaneous inference, 1992, table 1.
TEST(Holm, IsThatOfThePublishedExample) {
  const std::vector<double> adjusted = holm_adjusted(std::vector{.0121, .0142, .1986, .0191});
  const std::vector<double> published{.0484, .0484, .1986, .0484};
  for (std::size_t i = 0; i < published.size(); ++i) EXPECT_NEAR(adjusted[i], published[i], 1e-4);
}

TEST(Holm, RejectsExactlyWhatTheStepsReject) {
  std::mt19937_64 generator(5);
  for (int run = 0; run < 500; ++run) {
    std::vector<double> p(1 + uniform_below(generator, 12));
    for (double& one : p) one = std::pow(std::generate_canonical<double, 53>(generator), 4);
    const std::vector<double> adjusted = holm_adjusted(p);
    std::vector<double> sorted = p;
    std::ranges::sort(sorted);
    std::size_t rejected = 0;
    while (rejected < sorted.size() &&
           sorted[rejected] * static_cast<double>(sorted.size() - rejected) <= 0.05)
      ++rejected;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const bool by_steps = rejected > 0 && p[i] <= sorted[rejected - 1];
      EXPECT_EQ(adjusted[i] <= 0.05, by_steps);
      EXPECT_GE(adjusted[i], p[i]);
    }
  }
  EXPECT_TRUE(holm_adjusted({}).empty());
}

TEST(CombinedP, IsThatOfTheFormula) {
  EXPECT_NEAR(combined_p(0.5, 0.5), 0.5, 1e-12);
  EXPECT_NEAR(combined_p(0.05, 0.05), 0.0100, 0.0001);  // z = 1.645 sqrt 2 = 2.326
  EXPECT_NEAR(combined_p(0.025, 0.975), 0.5, 1e-12);
  EXPECT_NEAR(combined_p(1e-10, 1e-10), 1.0e-19, 9e-20);
  EXPECT_LT(combined_p(0, 0), 1e-290);
  EXPECT_GT(combined_p(1, 1), 0.999);
  EXPECT_EQ(combined_p(0.3, 0.01), combined_p(0.01, 0.3));
}

// Whether there is a second stage is decided by the first, and still no more than alpha of nulls
// are rejected.
TEST(CombinedP, KeepsItsLevelWhateverIsDecidedBetweenTheStages) {
  std::mt19937_64 generator(6);
  int rejected = 0;
  constexpr int runs = 200'000;
  for (int run = 0; run < runs; ++run) {
    const double first = std::generate_canonical<double, 53>(generator);
    if (first > 0.2) continue;  // not in doubt
    rejected += combined_p(first, std::generate_canonical<double, 53>(generator)) <= 0.01 ? 1 : 0;
  }
  EXPECT_LE(rejected, runs * 0.01 + 4 * std::sqrt(runs * 0.01));
  EXPECT_GE(rejected, runs * 0.006) << "or the test shows nothing";
}

}  // namespace
}  // namespace contend
