// Two results that were stored, compared as far as that can be: contend compare. It measures
// nothing.
//   compare_stored(base, head, {})
#pragma once

#include "harness/ab/ab_result.hpp"
#include "harness/ab/judge.hpp"
#include "harness/bench/result.hpp"

namespace contend::ab {

/// Where both are the two sides of one run of `contend ab`, that run's pairs are judged again. Else
/// nothing was measured in turns, and a difference in anything that drifts with the machine
/// (ComparedMetric::drifts) may be the machine's: that is inconclusive, whatever it is, and says
/// so. What does not drift is judged by the Mann-Whitney test (mann_whitney.hpp), with Holm's
/// correction. Results of different machines or kernels, and cells that differ in parameters,
/// window, workers, spinning or delay, are invalid. Cells that only one of them has are left out.
/// Throws std::invalid_argument where they have none in common.
AbResult compare_stored(const Result& base, const Result& head, const Rules& rules);

}  // namespace contend::ab
