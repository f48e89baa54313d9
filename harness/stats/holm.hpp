// Holm's correction for asking many questions at once.
//   holm_adjusted({0.001, 0.04, 0.3})[1] <= 0.01
#pragma once

#include <span>
#include <vector>

namespace contend {

/// The adjusted p-values, in the same order: one of them is at most alpha exactly where Holm's
/// step-down procedure rejects at alpha, and then the probability of even one false rejection among
/// all is at most alpha, however they depend on each other. The i-th smallest of m, counted from 1,
/// is multiplied by m - i + 1, and is no smaller than the one before and no larger than 1 (S. Holm,
/// A simple sequentially rejective multiple test procedure, 1979; in this form: P. Westfall and
/// S. Young, Resampling-Based Multiple Testing, 1993).
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace contend
