// What happened in each second of a run of load. It reads what the shards have recorded, from
// another thread, and disturbs them by nothing but that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/recording/recorder.hpp"

namespace contend::load {

/// One second, or what was left of it at the end. Sums over rows are those of the run.
struct Row {
  Duration end{};                           ///< From the beginning of the run.
  std::uint64_t offered = 0;                ///< Due in an open loop; in a closed one, sent.
  Counts counts{};                          ///< In this second; `in_flight` at its end.
  Histogram::Duration p50{}, p99{}, max{};  ///< Of response_time in an open loop, else
                                            ///< service_time; 0 where nothing was answered.
  std::chrono::nanoseconds client_cpu{};    ///< Of this process.
  std::optional<std::chrono::nanoseconds>
      server_cpu{};  ///< Null where the server is not watched, or has ended.
  /// What the percentiles are of, where they are to be merged with those of other processes
  /// (Histogram::to_json as CBOR); else empty.
  std::vector<std::uint8_t> times{};
};

class Rows {
 public:
  /// `schedule` is the open loop's. The recorders must outlive this. `keeps_times`: some kilobytes
  /// a row.
  Rows(TimePoint begin, const std::vector<std::unique_ptr<RunRecorder>>& recorders,
       const std::optional<Schedule>& schedule, bool keeps_times = false);

  /// Begins anew at `begin`, a moment ago: what was sent and what came due before is in no row.
  /// What ended before is in none anyway (RunState).
  void begin_at(TimePoint begin);
  /// The row of what has happened since the last one, up to `now`; the server's CPU time since then
  /// is whoever's who watches it.
  const Row& add(TimePoint now, std::optional<std::chrono::nanoseconds> server_cpu = {});
  const std::vector<Row>& all() const { return rows_; }
  /// Since the beginning.
  const Counts& total() const { return total_; }

 private:
  TimePoint begin_;
  const std::vector<std::unique_ptr<RunRecorder>>& recorders_;
  std::optional<DueCount> due_;
  bool keeps_times_;
  std::uint64_t offered_ = 0, sent_before_ = 0;
  Counts total_{};
  Histogram times_;
  std::chrono::nanoseconds cpu_;
  std::vector<Row> rows_;
};

}  // namespace contend::load
