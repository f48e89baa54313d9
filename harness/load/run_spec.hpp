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
  std::string allowed_remote{};        ///< Load may go to this host although it is remote.
  std::vector<RequestSpec> calls{{}};  ///< Requests to choose from; at least one for http.
  std::uint64_t seed = 0;              ///< For the choice of requests.
  std::uint32_t connections = 64;      ///< At least 1.
  std::uint32_t threads = 1;           ///< From 1 to `connections`.
  Duration warm_up{};                  ///< Time before `duration` that no figure includes; >= 0.
  Duration duration{};                 ///< Above 0.
  std::uint64_t requests = 0;          ///< The run also ends after this many; 0: no limit.
  /// Schedule of an open loop, which starts with the warm-up. Null: a closed loop.
  std::optional<Schedule> schedule{};
  std::uint32_t pipeline = 1;                 ///< Maximum of requests in flight on a connection.
  std::uint64_t requests_per_connection = 0;  ///< Then a new one is opened; 0: never.
  std::uint32_t size_bytes = 64;              ///< Size of a message (echo only).
  /// Time limit for an answer, and for connecting.
  Duration timeout = std::chrono::seconds(5);
  bool spins = false;             ///< Polls instead of sleeping, which takes a core.
  std::optional<pid_t> server{};  ///< Root of the process tree to measure during the run.
  /// If several processes share this run (shares.hpp): when it begins for all of them. `run` is
  /// called at that time, and the rows keep their histograms, to be merged.
  std::optional<TimePoint> shared_begin{};
  std::uint32_t first_connection = 0;  ///< Number of the first connection among all processes.
  /// Index of this process, and number of processes: its requests are numbered `part`, `part` +
  /// `parts` and so on.
  std::uint32_t part = 0, parts = 1;
};

}  // namespace contend::load
