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

/// A time in which nobody got a right answer: see Gaps.
struct Away {
  Duration from{};  ///< From the end of the warm-up.
  Duration length{};
};

/// What one of several processes had to do with a run.
struct RankSummary {
  std::string host{};
  std::uint32_t connections = 0;
  std::uint64_t answered = 0;
  std::chrono::nanoseconds client_cpu{};
  Verdict verdict{};
  Duration clock_offset{};       ///< Its monotonic clock less that of rank 0.
  Duration clock_uncertainty{};  ///< By so much, at most, the offset is wrong.
};

/// Of what came after the warm-up, where nothing else is said.
struct RunReport {
  Duration duration{};  ///< From the end of the warm-up to the end, as it was.
  /// From the beginning of the warm-up on; null: not all ever were.
  std::optional<Duration> all_connected{};
  std::uint64_t answered = 0;    ///< Right answers.
  std::uint64_t unanswered = 0;  ///< Sent, and still waiting at the end.
  std::uint64_t queued = 0;      ///< Answered, though no connection was free when it was due.
  std::uint64_t unsent = 0;      ///< Due, and no connection was free before the end.
  std::uint64_t overdue = 0;     ///< Of those, due for 50 ms or more.
  std::uint64_t dropped = 0;     ///< Due, and the queue was full.
  /// Due and waiting for a connection, the most at once, the warm-up included.
  std::uint64_t most_waiting = 0;
  std::uint64_t failed_requests = 0;              ///< Without what failed to connect.
  std::map<std::string, std::string> examples{};  ///< Of an error's kind, where there is one.
  std::map<std::string, std::uint64_t> errors{};  ///< By kind, only those that occurred.
  /// See RunRecorder. Requests that were waiting at the end count with the time that they had
  /// waited until then if it is longer than the median: in the response time of an open loop, in
  /// the service time of a closed one.
  Histogram response_time{}, service_time{}, send_lag{};
  std::vector<Row> seconds{};
  std::vector<Away> gaps{};
  Duration silent_for{};  ///< Length of the gap that the run ended in; 0: it did not end in one.
  std::chrono::nanoseconds client_cpu{};  ///< Of this process, meanwhile.
  std::optional<ServerUse> server{};      ///< Meanwhile, where it is watched.
  std::uint64_t ports_left = 0;           ///< Ephemeral ones that no closed connection keeps.
  Signals signals{};
  Verdict verdict{};
  std::vector<RankSummary> ranks{};  ///< Of several processes, by rank; else empty.

  double answered_per_s() const {
    return static_cast<double>(answered) / std::chrono::duration<double>(duration).count();
  }
  double client_cpu_share() const;  ///< Of one core.
};

}  // namespace contend::load
