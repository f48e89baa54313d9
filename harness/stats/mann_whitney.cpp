// The statistics of two samples that were not measured in pairs.
#include "harness/stats/mann_whitney.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace contend {
namespace {

/// P(U <= u), u = 0 ... m n, of samples of m and n without ties: the coefficients of the Gaussian
/// binomial, the product over i = 1 ... m of (1 - q^(n+i)) / (1 - q^i), which are whole numbers
/// that a double holds exactly for so few values.
std::vector<double> cumulative_u(std::size_t m, std::size_t n) {
  std::vector<double> ways(m * n + 1);
  ways[0] = 1;
  for (std::size_t i = 1; i <= m; ++i) {
    for (std::size_t u = ways.size(); u-- > n + i;) ways[u] -= ways[u - n - i];
    for (std::size_t u = i; u < ways.size(); ++u) ways[u] += ways[u - i];
  }
  const double all = std::accumulate(ways.begin(), ways.end(), 0.0);
  for (double& way : ways) way /= all;
  std::partial_sum(ways.begin(), ways.end(), ways.begin());
  return ways;
}

/// Of the U statistic under the null hypothesis, whichever way it is known.
class Null {
 public:
  Null(std::size_t m, std::size_t n, double tie_term, bool exact) : max_(m * n) {
    const auto before = static_cast<double>(m), after = static_cast<double>(n);
    const double all = before + after;
    mean_ = before * after / 2;
    deviation_ =
        std::sqrt(before * after / 12 * (all + 1 - (all > 1 ? tie_term / (all * (all - 1)) : 0)));
    if (exact) cumulative_ = cumulative_u(m, n);
  }

  double at_most(double u) const {
    if (u < 0) return 0;
    if (u >= static_cast<double>(max_)) return 1;
    if (!cumulative_.empty()) return cumulative_[static_cast<std::size_t>(u)];
    if (deviation_ == 0) return 1;
    return std::erfc((mean_ - u - 0.5) / deviation_ / std::sqrt(2.0)) / 2;
  }
  double most() const { return static_cast<double>(max_); }

 private:
  std::size_t max_;
  double mean_ = 0, deviation_ = 0;
  std::vector<double> cumulative_;
};

/// The sum over groups of equal values of t^3 - t.
double tie_term_of(std::span<const double> before, std::span<const double> after) {
  std::map<double, double> groups;
  for (const double value : before) groups[value] += 1;
  for (const double value : after) groups[value] += 1;
  double sum = 0;
  for (const auto& [value, count] : groups) sum += count * count * count - count;
  return sum;
}

void check(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("there is no value on one side");
  for (const double value : values)
    if (!std::isfinite(value)) throw std::invalid_argument("a value is not finite");
}

Shift shift_between(std::vector<double> differences, const Null& null, double confidence) {
  std::ranges::sort(differences);
  const std::size_t last = differences.size() - 1;
  Shift shift{.estimate = (differences[last / 2] + differences[last - last / 2]) / 2};
  const double tail = (1 - confidence) / 2;
  if (null.at_most(0) > tail) return shift;
  std::size_t outside = 0;
  while (null.at_most(static_cast<double>(outside + 1)) <= tail) ++outside;
  shift.low = differences[outside];
  shift.high = differences[last - outside];
  return shift;
}

}  // namespace

TwoSamples mann_whitney(std::span<const double> before, std::span<const double> after,
                        double confidence) {
  check(before);
  check(after);
  std::vector<double> differences;
  double greater = 0;  // U: pairs in which `after` is larger; half of a tie
  for (const double first : before) {
    for (const double second : after) {
      differences.push_back(second - first);
      greater += second > first ? 1 : second == first ? 0.5 : 0;
    }
  }
  const double tie_term = tie_term_of(before, after);
  const bool exact = tie_term == 0 && std::max(before.size(), after.size()) <= max_exact_a_side;
  const Null null(before.size(), after.size(), tie_term, exact);
  return {.p_greater = null.at_most(null.most() - greater),
          .p_less = null.at_most(greater),
          .shift = shift_between(std::move(differences), null, confidence)};
}

}  // namespace contend
