// One run of load against one server: sets the sessions up, drives them until the time is over or
// the requests are, and says what came of it. It starts no server and judges nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engines/stop.hpp"
#include "harness/load/arrivals.hpp"
#include "harness/load/recorder.hpp"
#include "harness/load/request.hpp"
#include "harness/load/target.hpp"

namespace contend::load {

struct RunSpec {
  Target target;
  RequestSpec request{};                      ///< Of http.
  std::uint32_t connections = 64;             ///< At least 1.
  Duration duration{};                        ///< Above 0.
  std::uint64_t requests = 0;                 ///< The run ends after so many, too; 0: not.
  std::optional<Schedule> schedule{};         ///< Of an open loop; without it, a closed one.
  std::uint32_t pipeline = 1;                 ///< Requests in flight on a connection, at most.
  std::uint64_t requests_per_connection = 0;  ///< Then it connects anew; 0: never.
  std::uint32_t size_bytes = 64;              ///< Of a message, of echo.
  Duration timeout = std::chrono::seconds(5);
  bool spins = false;  ///< Polls for what comes next instead of sleeping: a core of its own.
};

struct RunReport {
  Duration duration{};             ///< From the beginning to the end, as it was.
  std::uint64_t answered = 0;      ///< Right answers.
  std::uint64_t unanswered = 0;    ///< Sent, and still waiting at the end.
  std::uint64_t unsent = 0;        ///< Due, and no connection was free before the end.
  std::uint64_t dropped = 0;       ///< Due, and the queue was full.
  std::uint64_t most_waiting = 0;  ///< Due and waiting for a connection, the most at once.
  std::map<std::string, std::string> examples{};    ///< Of an error's kind, where there is one.
  std::map<std::string, std::uint64_t> errors{};    ///< By kind, only those that occurred.
  Histogram response_time, service_time, send_lag;  ///< See RunRecorder.
  std::chrono::nanoseconds client_cpu{};            ///< Of this process, meanwhile.

  double answered_per_s() const;
  double client_cpu_share() const;  ///< Of one core.
};

/// `each_second` is called about once a second, from another thread, with what there is so far and
/// how long the run has gone on. Throws std::invalid_argument where the target is not on this
/// machine, or the parameters don't fit together; std::runtime_error where there are too few
/// descriptors, with the command that mends it. Everything is closed afterwards.
RunReport run(const RunSpec& spec, StopToken stop,
              const std::function<void(const RunRecorder::Counts&, Duration)>& each_second);

}  // namespace contend::load
