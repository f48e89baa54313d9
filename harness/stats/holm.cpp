// Holm's correction for asking many questions at once.
#include "harness/stats/holm.hpp"

#include <algorithm>
#include <numeric>

namespace contend {

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t index) { return p_values[index]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    largest = std::max(largest, std::min(1.0, p_values[order[i]] * left));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

}  // namespace contend
