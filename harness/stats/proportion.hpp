// A proportion that was counted, with its interval.
//   Proportion{.hits = 9, .trials = 1000}.interval(0.95)
#pragma once

#include <cstddef>
#include <utility>

namespace contend {

struct Proportion {
  std::size_t hits = 0, trials = 0;

  void count(bool hit) {
    hits += hit ? 1 : 0;
    trials += 1;
  }
  /// 0 where nothing was tried.
  double value() const {
    return trials == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(trials);
  }
  /// That of C. Clopper and E. Pearson, The use of confidence or fiducial limits illustrated in the
  /// case of the binomial, 1934: it covers at least as often as it says. From 0 to 1 where nothing
  /// was tried.
  std::pair<double, double> interval(double confidence) const;
};

}  // namespace contend
