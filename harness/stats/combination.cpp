// One p-value of two stages.
#include "harness/stats/combination.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace contend {
namespace {

/// What is nearer to 0 or 1 has no quantile that a double could hold.
constexpr double least = 1e-300, most = 1 - 1e-16;

double z_of(double p) {
  return boost::math::quantile(
      boost::math::complement(boost::math::normal(), std::clamp(p, least, most)));
}

}  // namespace

double combined_p(double first, double second) {
  // (z1 + z2) / sqrt 2, and once more by sqrt 2 for erfc.
  return std::erfc((z_of(first) + z_of(second)) / 2) / 2;
}

}  // namespace contend
