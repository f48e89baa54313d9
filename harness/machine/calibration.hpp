// How quiet this machine is: the same short work over and over, on a CPU and between two CPUs
// through the loopback. It measures no engine.
//   calibrate(choose_placement(cores_allowed())).work.coefficient_of_variation
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>

#include "harness/machine/noise.hpp"
#include "harness/machine/placement.hpp"
#include "workloads/session.hpp"

namespace contend {

/// How much a series of durations of the same work varies.
struct Variation {
  std::size_t slices = 0;
  double median_ns = 0;
  /// Standard deviation by mean. Null with fewer than two slices.
  std::optional<double> coefficient_of_variation{};
  /// Correlation of each slice with the next, -1 to 1: above 0.3 or so, slow times come in runs,
  /// and measuring longer helps less than one would think. Null where nothing varies, or with fewer
  /// than three slices.
  std::optional<double> lag1_autocorrelation{};
};

/// Of durations in nanoseconds, in the order in which they were measured.
Variation variation_of(std::span<const double> slices_ns);

struct Calibration {
  Variation work;         ///< Counting, on the engine's CPUs.
  Variation round_trips;  ///< One byte to and fro over TCP, from the load's CPUs to the engine's.
  Noise noise;            ///< Meanwhile.
};

inline constexpr Duration calibration_time = std::chrono::seconds(1);

/// Takes `each` for the work and as long again for the round trips. Throws std::system_error when
/// there is no loopback connection to be had.
Calibration calibrate(const Placement& placement, Duration each = calibration_time);

nlohmann::json variation_json(const Variation& variation);

}  // namespace contend
