// What is measured when: the order within a block, and which cells get how many more blocks after
// the screen. Pure functions; they know no clock and no process.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/ab/judge.hpp"
#include "workloads/session.hpp"

namespace contend::ab {

enum class Which : std::uint8_t { base, head };

inline constexpr std::size_t slices_a_block = 4;
inline constexpr std::size_t pairs_a_block = 2;

/// Base, head, head, base or the other way round, each as likely; the same everywhere for the same
/// arguments. A drift that goes on through a block hits both sides alike (G. Box, W. Hunter and
/// J. Hunter, Statistics for Experimenters, on blocking and randomization).
std::array<Which, slices_a_block> order_in_block(std::uint64_t seed, std::size_t cell,
                                                 unsigned block);

/// A cell after the screen.
struct Screened {
  std::vector<Evidence> evidence;  ///< Of its metrics.
  Duration each_block{};           ///< How long one took, on average.
};

/// Pairs that should tell, beside those of the screen: for a suspect, so many that Holm's
/// correction over `comparisons` would reject in 95 of 100 cases, if the effect is two thirds of
/// what was seen (what was chosen for being large is smaller on fresh slices); for others, so many
/// that the interval fits into the band, where there is room for it. The width of an interval falls
/// with the root of the number of pairs. 0 where nothing is in doubt.
std::size_t pairs_wanted(std::span<const Evidence> evidence, std::size_t comparisons, double alpha);

/// Blocks for each cell that fit into the time: suspects get what they want, or share the time in
/// proportion to that; the others likewise, of the time that is left. A cell in doubt whose share
/// is less than `min_pairs` gets none, and leaves its time to the others.
std::vector<unsigned> blocks_to_confirm(std::span<const Screened> cells, Duration time,
                                        double alpha);

}  // namespace contend::ab
