// For the history's tests: results of commits whose ratios are known.
#pragma once

#include <fmt/format.h>

#include <string>

#include "harness/ab/ab_testing.hpp"
#include "harness/history/store.hpp"

namespace contend::testing {

inline constexpr const char* watched_cell = "echo/one/64";
inline constexpr const char* watched_metric = "latency_p50_ns";

/// The whole small comparison as if of commit number `number`, a minute after the one before, with
/// this ratio of the watched metric.
inline ab::AbResult some_commit(unsigned number, double ratio) {
  ab::AbResult result = some_ab_result();
  result.run.id = fmt::format("run-{}", number);
  result.run.seed = number;
  result.run.started_at =
      fmt::format("2026-11-26T{:02}:{:02}:00.000Z", number / 60 % 24, number % 60);
  result.head.name = fmt::format("c{}", number);
  for (ab::Comparison& comparison : result.comparisons)
    if (comparison.metric == watched_metric)
      comparison.ratio = ab::Ratio{ratio, ratio - 0.01, ratio + 0.01};
  return result;
}

inline history::Entry some_entry(unsigned number, double ratio = 1) {
  return history::entry_of(some_commit(number, ratio), "ab.json");
}

/// The series of the watched metric, which must be there.
inline history::Series watched(history::Store& store) {
  for (history::Series& series : store.series())
    if (series.cell == watched_cell && series.metric == watched_metric) return std::move(series);
  ADD_FAILURE() << "the watched metric has no series";
  return {};
}

}  // namespace contend::testing
