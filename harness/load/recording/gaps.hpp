// When a server that died was away: the times in which nobody got a right answer.
#pragma once

#include <optional>
#include <vector>

#include "workloads/workload.hpp"

namespace contend::load {

struct Gap {
  TimePoint from{}, to{};  ///< The last right answer before it, the first one after it.
  friend bool operator==(const Gap&, const Gap&) = default;
};

/// Shorter ones are none: a server's pause, not its death.
inline constexpr Duration shortest_gap = std::chrono::milliseconds(50);
/// A silence at the end of a run is a gap from this length on, since a machine may stand still for
/// less, and from twice the longest time of an answer on.
inline constexpr Duration shortest_silence = std::chrono::milliseconds(200);
/// Later ones are not kept.
inline constexpr std::size_t max_gaps = 100;

/// Watches what one shard's sessions report, in the order of time. A gap is a time without a right
/// answer in which something failed that fails where nobody is there: a slow server makes none.
class Gaps {
 public:
  void answered(TimePoint at) {
    if (lost_) [[unlikely]]
      close(at);
    last_answer_ = at;
  }
  void failed(ReplyError error) { lost_ |= tells_of_death(error); }

  /// Returns those that there were until `end`; one that has begun ends then. What came before the
  /// first answer counts from `begin` on. The time since the last answer is one too if something
  /// has failed since. If not, the time is one in which the oldest request at the end, of
  /// `oldest_waiting` (TimePoint::max(): none), has waited and nobody has been answered, for longer
  /// than a silence is; `longest` is the longest time of an answer.
  std::vector<Gap> until(TimePoint begin, TimePoint end,
                         TimePoint oldest_waiting = TimePoint::max(), Duration longest = {}) const;

 private:
  static bool tells_of_death(ReplyError error) {
    return error == ReplyError::refused || error == ReplyError::reset ||
           error == ReplyError::closed_early || error == ReplyError::timed_out;
  }
  void close(TimePoint at);

  std::vector<Gap> gaps_;
  TimePoint last_answer_{};  // default-constructed: none yet
  bool lost_ = false;        // something has failed since then
};

/// The times that are in a gap of each shard: nobody at all was answered then. Both are in order.
std::vector<Gap> common(const std::vector<Gap>& one, const std::vector<Gap>& other);

}  // namespace contend::load
