// What a run of load is asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/request/request.hpp"
#include "harness/load/request/target.hpp"
#include "harness/load/schedule/schedule.hpp"

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

}  // namespace contend::load
