// Random order that is the same everywhere for the same seed: the standard fixes the output of
// std::mt19937_64, but not that of std::shuffle and the distributions.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <utility>

namespace contend {

/// Uniform on 0 .. bound - 1; `bound` above 0. Values below 2^64 mod bound are thrown away, so that
/// no remainder is likelier than another.
inline std::uint64_t uniform_below(std::mt19937_64& generator, std::uint64_t bound) {
  const std::uint64_t unfair = -bound % bound;
  std::uint64_t value = generator();
  while (value < unfair) value = generator();
  return value % bound;
}

/// Fisher and Yates's shuffle, as in Knuth, TAOCP 2, 3.4.2, algorithm P.
template <typename T>
void shuffle(std::span<T> items, std::mt19937_64& generator) {
  for (std::size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[uniform_below(generator, left)]);
}

}  // namespace contend
