// The highest rate at which a server keeps what is asked of it, found within a given time: which
// window to measure next, and what all of them say together. It measures nothing and has no clock,
// so that it is tested against servers that are computed.
//   MaxRate max = find_max({.budget = 60s, .min_requests = 500}, measure);
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "workloads/session.hpp"

namespace contend::load {

/// To be measured, beginning with a server that has nothing left to do.
struct Window {
  std::optional<double> rate_per_s{};  ///< Of an open loop; null: a closed one, to see what comes.
  Duration warm_up{};                  ///< Discarded, before `duration`.
  Duration duration{};
};

/// What a window said.
struct Measured {
  enum class Kind : std::uint8_t {
    held,         ///< The objective was kept, and no backlog grew.
    broken,       ///< It was not, and the server is to blame.
    disturbed,    ///< It was not, and the load or the machine is to blame.
    interrupted,  ///< There is to be no more.
  };
  Kind kind = Kind::held;     ///< Of a closed loop, only whether it was interrupted counts.
  double answered_per_s = 0;  ///< Of a closed loop.
  Duration typical{};  ///< The median service time of a closed loop; 0: nothing was answered.
  Duration took{};     ///< In all, with whatever came before and after the window.
};
using Measure = std::function<Measured(const Window&)>;

struct SearchSpec {
  Duration budget{};  ///< For all windows together. Above 0.
  /// In a window, where there is time for them (see Objective).
  double min_requests = 0;
};

struct MaxRate {
  enum class Finding : std::uint8_t {
    found,
    never_held,        ///< Not at the lowest rate that there was time for.
    client_was_limit,  ///< At least `held_per_s`; above it, it was not the server that was
                       ///< measured.
    server_gone,       ///< It had stopped answering when the search ended.
    interrupted,
  };
  Finding finding = Finding::interrupted;
  std::optional<double> held_per_s{};   ///< The highest that held; null: none did.
  std::optional<double> broke_per_s{};  ///< The lowest above it that did not; null: none was seen.
  /// Both are no more than `resolution` apart, and most windows of each say so, by two or more.
  bool confirmed = false;
};

/// How far apart the two ends of the answer are, at most, where there was time enough.
inline constexpr double resolution = 0.03;

/// Brackets the rate by steps that grow, halves the bracket in the logarithm, and measures both
/// ends again until they are sure. All windows vote: the answer is the rate at which the fewest
/// speak against it, which holds below and breaks above. So no single stall of the machine decides.
MaxRate find_max(const SearchSpec& spec, const Measure& measure);

/// Whether as much was done as came in, but for what may be on its way: `offered` requests became
/// due in a window, and so many were answered or failed. A backlog that grows breaks any objective
/// sooner or later, whatever the times in a short window are.
bool keeps_up(std::uint64_t offered, std::uint64_t ended);

}  // namespace contend::load
