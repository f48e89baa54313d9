// Jain's index.
#include "harness/stats/fairness.hpp"

namespace contend {

std::optional<double> jain_index(std::span<const std::uint64_t> shares) {
  double sum = 0, squares = 0;
  for (const std::uint64_t share : shares) {
    const auto x = static_cast<double>(share);
    sum += x;
    squares += x * x;
  }
  if (squares == 0) return std::nullopt;
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace contend
