// The statistics of paired differences.
#include "harness/stats/signed_rank.hpp"

#include <algorithm>
#include <array>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>

namespace contend {
namespace {

/// P(S <= s) for s = 0 ... the sum of `scores`, where each score is added with probability 1/2: by
/// adding one after the other, in place and from above.
std::vector<double> cumulative_of_sums(std::span<const std::size_t> scores) {
  std::vector<double> probability(std::accumulate(scores.begin(), scores.end(), std::size_t{1}));
  probability[0] = 1;
  std::size_t highest = 0;
  for (const std::size_t score : scores) {
    highest += score;
    for (std::size_t sum = highest + 1; sum-- > 0;) {
      const double before = sum >= score ? probability[sum - score] : 0;
      probability[sum] = (probability[sum] + before) / 2;
    }
  }
  std::partial_sum(probability.begin(), probability.end(), probability.begin());
  return probability;
}

double at_most_of(const std::vector<double>& cumulative, double value) {
  if (value < 0) return 0;
  const auto index = static_cast<std::size_t>(std::floor(value));
  return index >= cumulative.size() ? 1.0 : std::min(cumulative[index], 1.0);
}

/// P(Z > z) of the standard normal distribution.
double upper_tail(double z) {
  return std::erfc(z / std::sqrt(2.0)) / 2;
}

struct Ranked {
  double size = 0;
  bool positive = false;
  double rank = 0;
};

/// The differences that are not 0 by size, each with its rank, equal ones with the mean of theirs.
/// Returns whether any are equal.
bool rank(std::vector<Ranked>& ranked) {
  std::ranges::sort(ranked, {}, &Ranked::size);
  bool tied = false;
  for (std::size_t begin = 0, end = 0; begin < ranked.size(); begin = end) {
    while (end < ranked.size() && ranked[end].size == ranked[begin].size) ++end;
    tied = tied || end - begin > 1;
    for (std::size_t i = begin; i < end; ++i)
      ranked[i].rank = static_cast<double>(begin + 1 + end) / 2;  // the mean of begin+1 ... end
  }
  return tied;
}

/// By the normal approximation, the variance being that of the ranks as they are: sum of squares
/// / 4.
void approximate(const std::vector<Ranked>& ranked, SignedRankTest& test) {
  double mean = 0, variance = 0;
  for (const Ranked& one : ranked) {
    mean += one.rank / 2;
    variance += one.rank * one.rank / 4;
  }
  const double deviation = std::sqrt(variance);
  test.p_greater = upper_tail((test.statistic - mean - 0.5) / deviation);
  test.p_less = upper_tail((mean - test.statistic - 0.5) / deviation);
}

/// With ties the ranks are halves, so that twice the ranks are the whole numbers to be added.
void condition_on_ties(const std::vector<Ranked>& ranked, SignedRankTest& test) {
  std::vector<std::size_t> scores;
  for (const Ranked& one : ranked) scores.push_back(static_cast<std::size_t>(2 * one.rank));
  const std::vector<double> cumulative = cumulative_of_sums(scores);
  const double twice = 2 * test.statistic, most = static_cast<double>(cumulative.size() - 1);
  test.p_less = at_most_of(cumulative, twice);
  test.p_greater = at_most_of(cumulative, most - twice);  // the distribution is symmetric
}

/// How many Walsh averages lie outside the interval on each side, or null where the interval would
/// have to be wider than all of them.
std::optional<std::size_t> averages_outside(std::size_t count, double confidence) {
  const double tail = (1 - confidence) / 2;
  if (count > max_exact) {
    const auto n = static_cast<double>(count);
    const double z = boost::math::quantile(boost::math::normal(), 1 - tail);
    const double k = n * (n + 1) / 4 - z * std::sqrt(n * (n + 1) * (2 * n + 1) / 24) - 0.5;
    return static_cast<std::size_t>(std::max(0.0, std::floor(k)));
  }
  const SignedRankDistribution& distribution = SignedRankDistribution::of(count);
  if (distribution.at_most(0) > tail) return std::nullopt;
  std::size_t outside = 0;
  while (distribution.at_most(static_cast<double>(outside + 1)) <= tail) ++outside;
  return outside;
}

}  // namespace

SignedRankDistribution::SignedRankDistribution(std::size_t count) : count_(count) {
  if (count == 0 || count > max_exact)
    throw std::invalid_argument("the exact signed rank distribution is of 1 to 200 differences");
  std::vector<std::size_t> ranks(count);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  cumulative_ = cumulative_of_sums(ranks);
}

const SignedRankDistribution& SignedRankDistribution::of(std::size_t count) {
  static std::array<std::unique_ptr<SignedRankDistribution>, max_exact + 1> made;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (count >= made.size()) return *made.at(count);  // throws
  if (made[count] == nullptr) made[count] = std::make_unique<SignedRankDistribution>(count);
  return *made[count];
}

double SignedRankDistribution::at_most(double w) const {
  return at_most_of(cumulative_, w);
}

SignedRankTest signed_rank_test(std::span<const double> differences) {
  std::vector<Ranked> ranked;
  for (const double difference : differences) {
    if (!std::isfinite(difference)) throw std::invalid_argument("a difference is not finite");
    if (difference != 0) ranked.push_back({std::abs(difference), difference > 0});
  }
  SignedRankTest test{.used = ranked.size()};
  if (ranked.empty()) return test;
  const bool tied = rank(ranked);
  for (const Ranked& one : ranked) test.statistic += one.positive ? one.rank : 0;
  if (ranked.size() > max_exact) {
    approximate(ranked, test);
  } else if (tied) {
    condition_on_ties(ranked, test);
  } else {
    const SignedRankDistribution& distribution = SignedRankDistribution::of(ranked.size());
    const auto n = static_cast<double>(ranked.size());
    test.p_less = distribution.at_most(test.statistic);
    test.p_greater = distribution.at_most(n * (n + 1) / 2 - test.statistic);
  }
  return test;
}

Shift shift_of(std::span<const double> differences, double confidence) {
  if (differences.empty()) throw std::invalid_argument("no shift of no differences");
  if (!(confidence > 0 && confidence < 1))
    throw std::invalid_argument("a confidence lies between 0 and 1");
  std::vector<double> averages;
  averages.reserve(differences.size() * (differences.size() + 1) / 2);
  for (std::size_t i = 0; i < differences.size(); ++i)
    for (std::size_t j = i; j < differences.size(); ++j)
      averages.push_back((differences[i] + differences[j]) / 2);
  // Each call leaves all that is smaller before, and all that is larger behind.
  const auto smallest_but = [&](std::size_t rank) {
    std::ranges::nth_element(averages, averages.begin() + static_cast<std::ptrdiff_t>(rank));
    return averages[rank];
  };
  const std::size_t last = averages.size() - 1;
  Shift shift{.estimate = (smallest_but(last / 2) + smallest_but(last - last / 2)) / 2};
  if (const auto outside = averages_outside(differences.size(), confidence)) {
    shift.low = smallest_but(*outside);
    shift.high = smallest_but(last - *outside);
  }
  return shift;
}

}  // namespace contend
