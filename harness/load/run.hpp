// One run of load against one server: sets the sessions up, drives them until the time is over or
// the requests are, and says what came of it. It starts no server.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engines/stop.hpp"
#include "harness/load/arrivals.hpp"
#include "harness/load/recorder.hpp"
#include "harness/load/request.hpp"
#include "harness/load/rows.hpp"
#include "harness/load/server_watch.hpp"
#include "harness/load/target.hpp"
#include "harness/load/verdict.hpp"

namespace contend::load {

struct RunSpec {
  Target target;                       ///< Resolved.
  std::string allowed_remote{};        ///< Load may go to the host of this name, wherever.
  std::vector<RequestSpec> calls{{}};  ///< Of http, at least one.
  std::uint64_t seed = 0;              ///< Of what is chosen among them.
  std::uint32_t connections = 64;      ///< At least 1.
  std::uint32_t threads = 1;           ///< From 1 to `connections`, which they share.
  Duration warm_up{};                  ///< Before `duration`, and in no figure; from 0 on.
  Duration duration{};                 ///< Above 0.
  std::uint64_t requests = 0;          ///< The run ends after so many, too; 0: not.
  /// Of an open loop, from the beginning of the warm-up on; without it, a closed one.
  std::optional<Schedule> schedule{};
  std::uint32_t pipeline = 1;                 ///< Requests in flight on a connection, at most.
  std::uint64_t requests_per_connection = 0;  ///< Then it connects anew; 0: never.
  std::uint32_t size_bytes = 64;              ///< Of a message, of echo.
  /// Of an answer, and of connecting.
  Duration timeout = std::chrono::seconds(5);
  bool spins = false;  ///< Polls for what comes next instead of sleeping: a core of its own.
  std::optional<pid_t> server{};  ///< The root of the process tree that is watched meanwhile.
  /// Of a run that this process shares with others (shares.hpp), when it begins for all of them;
  /// `run` is called then. Its rows keep their times, to be merged.
  std::optional<TimePoint> shared_begin{};
  std::uint32_t first_connection = 0;  ///< Its connections are numbered from this on, over all.
  /// It is this one of so many processes: requests are numbered `part`, `part` + `parts` and so on.
  std::uint32_t part = 0, parts = 1;
};

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

/// So far, once a second.
struct Progress {
  const Row& row;       ///< Of the last second.
  const Counts& total;  ///< Since the beginning.
};

/// `each_second` is called about once a second with what there is so far. Throws
/// std::invalid_argument where the target is not on this machine, the parameters don't fit together
/// or the server to be watched is none; std::runtime_error where there are too few descriptors or
/// ports, with the command that mends it. Everything is closed afterwards.
RunReport run(const RunSpec& spec, StopToken stop,
              const std::function<void(const Progress&)>& each_second);

}  // namespace contend::load
