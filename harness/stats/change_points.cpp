// Where a series of ratios changed its level.
#include "harness/stats/change_points.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace contend {
namespace {

using Values = std::span<const double>;

constexpr double p_of_interval = 0.01;
/// The first look is that much more lenient: what a window cuts off is given back when it is
/// merged.
constexpr double leniency = 10;

struct Moments {
  double mean = 0, squares = 0;  ///< And the sum of squares about it.
};

Moments moments_of(Values values) {
  Moments moments;
  moments.mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  for (const double value : values)
    moments.squares += (value - moments.mean) * (value - moments.mean);
  return moments;
}

/// Of Student's distribution, two-sided; 0 where there is a difference and no error.
double p_of(double difference, double error, double freedom) {
  if (error == 0) return difference == 0 ? 1 : 0;
  const double t = std::abs(difference) / error;
  if (!std::isfinite(t)) return 0;
  return 2 * cdf(complement(boost::math::students_t(freedom), t));
}

double pairs_of(std::size_t count) {
  const auto n = static_cast<double>(count);
  return n * (n - 1) / 2;
}

/// From the sums of distances within each side and between them.
double divergence_of(double within_left, double within_right, double between, std::size_t left,
                     std::size_t right) {
  const auto m = static_cast<double>(left), n = static_cast<double>(right);
  const double energy =
      2 * between / (m * n) - within_left / pairs_of(left) - within_right / pairs_of(right);
  return m * n / (m + n) * energy;
}

double distances_within(Values values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) sum += std::abs(values[i] - values[k]);
  return sum;
}

/// A change and the two segments that it lies between.
struct Candidate {
  std::size_t begin, at, end;
  TTest test;
};

/// What splits [begin, begin + values.size()), in order.
void split(Values values, std::size_t begin, double p, std::vector<std::size_t>& found) {
  const auto best = best_split(values);
  if (!best || t_test(values.first(best->at), values.subspan(best->at)).p > p) return;
  split(values.first(best->at), begin, p, found);
  found.push_back(begin + best->at);
  split(values.subspan(best->at), begin + best->at, p, found);
}

/// In order: each window begins where the last one's newest change was, or later.
std::vector<std::size_t> weak_changes(Values values, double p) {
  std::vector<std::size_t> found;
  for (std::size_t begin = 0; begin < values.size();) {
    const std::size_t length = std::min(window_points, values.size() - begin);
    std::vector<std::size_t> in_window;
    split(values.subspan(begin, length), begin, p, in_window);
    found.insert(found.end(), in_window.begin(), in_window.end());
    if (begin + length == values.size()) break;
    begin = std::max(begin + window_points / 2, in_window.empty() ? 0 : in_window.back());
  }
  return found;
}

std::vector<Candidate> candidates_of(Values values, const std::vector<std::size_t>& changes) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Candidate candidate{.begin = i == 0 ? 0 : changes[i - 1],
                        .at = changes[i],
                        .end = i + 1 == changes.size() ? values.size() : changes[i + 1],
                        .test = {}};
    candidate.test = t_test(values.subspan(candidate.begin, candidate.at - candidate.begin),
                            values.subspan(candidate.at, candidate.end - candidate.at));
    candidates.push_back(candidate);
  }
  return candidates;
}

/// Drops one after the other what is weaker than the rule.
std::vector<Candidate> strong_changes(Values values, std::vector<std::size_t> changes,
                                      const ChangeRule& rule) {
  const double smallest = std::log1p(rule.magnitude);
  const auto p = [](const Candidate& candidate) { return candidate.test.p; };
  const auto reach = [](const Candidate& candidate) {
    return std::abs(candidate.test.difference) + candidate.test.half_width;
  };
  for (;;) {
    const std::vector<Candidate> candidates = candidates_of(values, changes);
    if (candidates.empty()) return {};
    const auto likeliest = std::ranges::max_element(candidates, {}, p);
    const auto smallest_one = std::ranges::min_element(candidates, {}, reach);
    if (likeliest->test.p > rule.p)
      changes.erase(changes.begin() + (likeliest - candidates.begin()));
    else if (reach(*smallest_one) < smallest)
      changes.erase(changes.begin() + (smallest_one - candidates.begin()));
    else
      return candidates;
  }
}

/// How likely the point is as one more of its neighbours before it or of those after it, whichever
/// it is nearer to; with the variance of both about their own means.
double p_of_point(Values values, std::size_t point) {
  const std::size_t before = std::min(point, neighbours);
  const std::size_t after = std::min(values.size() - point - 1, neighbours);
  double squares = 0, freedom = 0;
  std::vector<std::pair<double, double>> distances;  // and by how much of s the mean is uncertain
  for (const Values side :
       {values.subspan(point - before, before), values.subspan(point + 1, after)}) {
    if (side.empty()) continue;
    const Moments moments = moments_of(side);
    const auto count = static_cast<double>(side.size());
    squares += moments.squares;
    freedom += count - 1;
    distances.emplace_back(values[point] - moments.mean, std::sqrt(1 + 1 / count));
  }
  if (freedom < 2 || distances.front().first * distances.back().first <= 0) return 1;
  const double deviation = std::sqrt(squares / freedom);
  double p = 0;
  for (const auto& [distance, factor] : distances)
    p = std::max(p, p_of(distance, deviation * factor, freedom));
  return p;
}

/// The index of the least likely single point, where one is unlikely enough.
std::optional<std::size_t> single_point(Values values, const ChangeRule& rule) {
  std::optional<std::size_t> found;
  double least = rule.p;
  for (std::size_t point = 0; point < values.size(); ++point) {
    const double p = p_of_point(values, point);
    if (p > least || (found && p == least)) continue;
    found = point;
    least = p;
  }
  return found;
}

}  // namespace

double divergence(Values left, Values right) {
  if (left.size() < min_segment || right.size() < min_segment)
    throw std::invalid_argument("a divergence needs two values on each side");
  double between = 0;
  for (const double x : left)
    for (const double y : right) between += std::abs(x - y);
  return divergence_of(distances_within(left), distances_within(right), between, left.size(),
                       right.size());
}

std::optional<Split> best_split(Values values) {
  std::optional<Split> best;
  double left = 0, right = distances_within(values), between = 0;
  // As the split moves past a point, its distances to both sides change their roles.
  for (std::size_t at = 1; at + min_segment <= values.size(); ++at) {
    const double moved = values[at - 1];
    double to_left = 0, to_right = 0;
    for (const double value : values.first(at - 1)) to_left += std::abs(moved - value);
    for (const double value : values.subspan(at)) to_right += std::abs(moved - value);
    left += to_left;
    right -= to_right;
    between += to_right - to_left;
    if (at < min_segment) continue;
    const double here = divergence_of(left, right, between, at, values.size() - at);
    if (!best || here > best->divergence) best = Split{.at = at, .divergence = here};
  }
  return best;
}

TTest t_test(Values left, Values right) {
  if (left.empty() || right.empty() || left.size() + right.size() < 3)
    throw std::invalid_argument("a t test needs three values, and one on each side");
  const auto m = static_cast<double>(left.size()), n = static_cast<double>(right.size());
  const Moments of_left = moments_of(left), of_right = moments_of(right);
  const double freedom = m + n - 2;
  const double variance = (of_left.squares + of_right.squares) / freedom;
  const double error = std::sqrt(variance * (1 / m + 1 / n));
  TTest test{.difference = of_right.mean - of_left.mean, .p = 1, .half_width = 0};
  test.p = p_of(test.difference, error, freedom);
  if (error > 0)
    test.half_width =
        quantile(complement(boost::math::students_t(freedom), p_of_interval / 2)) * error;
  return test;
}

std::vector<Change> change_points(Values ratios, const ChangeRule& rule) {
  std::vector<double> values;
  std::vector<std::size_t> indices(ratios.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  for (const double ratio : ratios) {
    if (!(ratio > 0) || !std::isfinite(ratio))
      throw std::invalid_argument("a ratio must be above 0 and finite");
    values.push_back(std::log(ratio));
  }
  if (values.size() < min_commits) return {};
  while (const auto odd = single_point(values, rule)) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(*odd));
    indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(*odd));
  }
  std::vector<Change> changes;
  const Values kept(values);
  for (const Candidate& found : strong_changes(kept, weak_changes(kept, rule.p * leniency), rule)) {
    const Moments before = moments_of(kept.subspan(found.begin, found.at - found.begin));
    const Moments after = moments_of(kept.subspan(found.at, found.end - found.at));
    changes.push_back({.index = indices[found.at],
                       .before = std::exp(before.mean),
                       .after = std::exp(after.mean),
                       .p = found.test.p});
  }
  return changes;
}

}  // namespace contend
