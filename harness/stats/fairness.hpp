// How evenly something is shared out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace contend {

/// Returns Jain's index of the shares, (sum x)^2 / (n x sum x^2): 1 if all are equal, 1/n if one
/// has all (Jain, Chiu and Hawe 1984). Null if all are 0.
std::optional<double> jain_index(std::span<const std::uint64_t> shares);

}  // namespace contend
