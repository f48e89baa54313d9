// Who was the limit of a run of load, and whether its figures are to be trusted: a judgement on
// readings, which measures nothing itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/stats/histogram.hpp"

namespace contend::load {

/// What a run says of itself. Shares are of the run's duration, 0 to 1, of the thread of the load
/// that had most of it.
struct Signals {
  Histogram::Duration duration{};
  bool open_loop = false, spins = false;
  double cpu_share = 0;     ///< It ran; or of all CPUs that the load may use, where that is more.
  double waited_share = 0;  ///< It could have run, and another had its CPU.
  double throttled_share = 0;                ///< A CPU quota kept it from running.
  double held_up_share = 0;                  ///< Timers were late by so much, whatever the reason.
  std::optional<double> steal_share{};       ///< Of all CPUs: the hypervisor gave them to others.
  std::uint64_t offered = 0;                 ///< Due in an open loop.
  std::uint64_t answered = 0;                ///< Rightly.
  std::uint64_t queued = 0;                  ///< No connection was free when they were due.
  std::uint64_t unsent = 0, dropped = 0;     ///< Due and never sent: see RunReport.
  Histogram::Duration silent_for{};          ///< Nobody was answered at the end for this time.
  Histogram::Duration lag_p99{}, lag_max{};  ///< Late, though a connection was free.
  std::optional<std::uint64_t> accept_overflows{};
  bool ports_ran_out = false;
  // Of the server, where it is watched.

  /// Its busiest thread ran; or of all CPUs that its threads can use, where that is more.
  std::optional<double> server_cpu_share{};
  /// The one of its threads that waited most could have run, and another had its CPU.
  std::optional<double> server_waited_share{};
};

enum class Limit : std::uint8_t {
  none,     ///< The schedule was kept with room to spare.
  client,   ///< The load itself.
  server,   ///< What was to be found out.
  host,     ///< The hypervisor, or other processes.
  unknown,  ///< There is too little to tell by.
};
std::string_view to_string(Limit limit);

struct Verdict {
  Limit limit = Limit::unknown;
  std::optional<bool> trusted{};       ///< Null where the limit is unknown.
  std::vector<std::string> reasons{};  ///< One sentence each, with figures, the first for `limit`.
};

Verdict judge(const Signals& signals);

/// Returns whether the load was at the limit of its CPU while the server was not at its own: the
/// one rule for `contend load` and `contend bench`. Shares are of the CPU that each can use, 0 to
/// 1; null: the server is not watched.
bool is_client_limited(double client_cpu_share, std::optional<double> server_cpu_share);

/// `verdict` in results/schema.json.
nlohmann::json to_json(const Verdict& verdict);

}  // namespace contend::load
