// For the tests of comparing: slices that never were measured, of known values.
#pragma once

#include <cmath>
#include <deque>
#include <random>

#include "harness/ab/judge.hpp"
#include "harness/bench/sample.hpp"

namespace contend::testing {

/// A good slice of a cell that is measured by `wall_ns` alone.
inline Sample some_slice(double wall_ns, double foreign_cpu_share = 0) {
  Sample sample;
  sample.cell = "fib/one";
  sample.window_ns = static_cast<std::int64_t>(wall_ns);
  sample.operations = 1;
  sample.metrics = {
      {"wall_ns", wall_ns}, {"foreign_cpu_share", foreign_cpu_share}, {"steal_share", 0}};
  return sample;
}

inline Sample failed_slice(const char* reason) {
  Sample sample = some_slice(1);
  sample.status = Sample::Status::failed;
  sample.reason = reason;
  sample.metrics.clear();
  return sample;
}

/// Pairs of slices, and the slices that they lead to.
class SomePairs {
 public:
  void add(Sample base, Sample head) {
    slices_.push_back(std::move(base));
    slices_.push_back(std::move(head));
    pairs_.push_back({&slices_[slices_.size() - 2], &slices_.back()});
  }
  /// `count` pairs in which the head takes `ratio` times as long, with a log-normal noise.
  void add(std::size_t count, double ratio, double noise, std::mt19937_64& generator) {
    std::normal_distribution<double> error(0, noise);
    for (std::size_t i = 0; i < count; ++i)
      add(some_slice(1e8), some_slice(1e8 * ratio * std::exp(error(generator))));
  }
  const std::vector<ab::Pair>& all() const { return pairs_; }

 private:
  std::deque<Sample> slices_;  // which stay where they are
  std::vector<ab::Pair> pairs_;
};

}  // namespace contend::testing
