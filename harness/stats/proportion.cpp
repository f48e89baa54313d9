// A proportion that was counted, with its interval.
#include "harness/stats/proportion.hpp"

#include <boost/math/distributions/binomial.hpp>

namespace contend {

std::pair<double, double> Proportion::interval(double confidence) const {
  if (trials == 0) return {0, 1};
  using Binomial = boost::math::binomial_distribution<>;
  const auto n = static_cast<double>(trials), k = static_cast<double>(hits);
  const double tail = (1 - confidence) / 2;
  return {hits == 0 ? 0 : Binomial::find_lower_bound_on_p(n, k, tail),
          hits == trials ? 1 : Binomial::find_upper_bound_on_p(n, k, tail)};
}

}  // namespace contend
