// What came of a run of load.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/recording/rows.hpp"
#include "harness/load/server/server_watch.hpp"
#include "harness/load/verdict.hpp"
#include "harness/stats/histogram.hpp"

namespace contend::load {

/// A time in which no connection got a right answer: see Gaps.
struct Away {
  Duration from{};  ///< From the end of the warm-up.
  Duration length{};
};

/// The share of one process in a run of several processes.
struct RankSummary {
  std::string host{};
  std::uint32_t connections = 0;
  std::uint64_t answered = 0;
  std::chrono::nanoseconds client_cpu{};
  Verdict verdict{};
  Duration clock_offset{};       ///< Its monotonic clock minus that of rank 0.
  Duration clock_uncertainty{};  ///< Maximum error of the offset.
};

/// All figures are of the time after the warm-up, if nothing else is said.
struct RunReport {
  Duration duration{};  ///< Actual time from the end of the warm-up to the end of the run.
  /// Time from the beginning of the warm-up until all connections were made; null: never.
  std::optional<Duration> all_connected{};
  std::uint64_t answered = 0;    ///< Right answers.
  std::uint64_t unanswered = 0;  ///< Sent, and still in flight at the end.
  std::uint64_t queued = 0;      ///< Answered, though no connection was free when it was due.
  std::uint64_t unsent = 0;      ///< Due, and no connection was free before the end.
  std::uint64_t overdue = 0;     ///< Unsent requests that had been due for 50 ms or more.
  std::uint64_t dropped = 0;     ///< Due, and the queue was full.
  /// Maximum number of requests that were due and unsent at one time, warm-up included.
  std::uint64_t max_waiting = 0;
  std::uint64_t failed_requests = 0;              ///< Without failed attempts to connect.
  std::map<std::string, std::string> examples{};  ///< An example for kinds of error.
  std::map<std::string, std::uint64_t> errors{};  ///< By kind, only those that occurred.
  /// See RunRecorder. Requests that were waiting at the end count with the time that they had
  /// waited until then if it is longer than the median: in the response time of an open loop, in
  /// the service time of a closed one.
  Histogram response_time{}, service_time{}, send_lag{};
  std::vector<Row> seconds{};
  std::vector<Away> gaps{};
  Duration silent_for{};  ///< Length of the gap in which the run ended; 0: it did not end in one.
  std::chrono::nanoseconds client_cpu{};  ///< CPU time of this process.
  std::optional<ServerUse> server{};      ///< Null: the server was not measured.
  std::uint64_t ports_left = 0;           ///< Ephemeral ports without those in TIME_WAIT.
  Signals signals{};
  Verdict verdict{};
  std::vector<RankSummary> ranks{};  ///< By rank; empty for a single process.

  double answered_per_s() const {
    return static_cast<double>(answered) / std::chrono::duration<double>(duration).count();
  }
  double client_cpu_share() const;  ///< As a share of one core.
};

}  // namespace contend::load
