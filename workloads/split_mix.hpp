// A small random number generator, for choices that have to be the same in each run.
#pragma once

#include <cstdint>

namespace contend {

/// Well-mixed numbers from eight bytes of state (splitmix64, Steele et al. 2014).
class SplitMix {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return UINT64_MAX; }

  explicit SplitMix(std::uint64_t seed) : state_(seed) {}
  result_type operator()() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t value = (state_ ^ (state_ >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
  }

 private:
  std::uint64_t state_;
};

}  // namespace contend
