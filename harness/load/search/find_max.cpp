// The search for the highest rate.
#include "harness/load/search/find_max.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/load/schedule/schedule.hpp"

namespace contend::load {
namespace {

using Kind = Measured::Kind;
using Finding = MaxRate::Finding;

/// Parts of the budget: the first look, a window that only brackets, one near the answer, and the
/// longest, which a rate is given that makes too few requests in less.
constexpr int first_look_part = 60, short_part = 40, near_part = 20, max_part = 12;
/// A bracket is narrow from here on.
constexpr double near = 1.15;
/// A closed loop tells capacity nearly; the search begins a bit below it.
constexpr double of_estimate = 0.9;
/// Steps out of a bracket that is open at one end begin with this and grow, upwards to this at
/// most, since whoever overloads a server by much learns little.
constexpr double first_step = 1.25, greatest_step_up = 2;
/// So many requests make a window at the lowest rate.
constexpr double min_requests = 20;
/// Of windows at the same rate, so many more must say that it holds, or that it does not, than the
/// other: machines stand still now and then, and never hurry, so what broke is the weaker evidence.
constexpr int sure_held_by = 2, sure_broken_by = 3;
constexpr int weight_of_held = 3;
/// Who is disturbed so often at a rate will be so again.
constexpr int max_disturbed = 3;
/// Of a window at least, and of the median service time, is discarded: so long takes it until what
/// is on its way is as much as it will be.
constexpr int warm_up_part = 5, warm_up_times = 2;

/// The windows at one rate.
struct Votes {
  double rate_per_s = 0;
  int held = 0, broken = 0, disturbed = 0;

  bool is_disturbed_only() const { return held == 0 && broken == 0; }
  /// How sure it is that this rate does not hold.
  int against() const { return is_disturbed_only() ? disturbed : broken - held; }
};

class RateFinder {
 public:
  RateFinder(const SearchSpec& spec, const Measure& measure)
      : spec_(spec), measure_(measure), left_(spec.budget) {}

  MaxRate run();

 private:
  struct Bracket {
    const Votes* held = nullptr;    ///< The highest that holds; null: none.
    const Votes* broken = nullptr;  ///< The one above it; null: none.
    bool narrow() const { return held && broken && width() <= 1 + resolution; }
    double width() const { return broken->rate_per_s / held->rate_per_s; }
  };

  bool look();
  bool vote(double rate_per_s, bool is_near);
  Bracket bracket() const;
  std::optional<double> next(const Bracket& bracket);
  double below(double rate_per_s);
  double above(double rate_per_s);
  double lowest() const { return min_requests / seconds_of(spec_.budget / max_part); }
  MaxRate result() const;

  const SearchSpec& spec_;
  const Measure& measure_;
  Duration left_, typical_{};
  double start_ = 0;
  int steps_down_ = 0, steps_up_ = 0;
  bool interrupted_ = false;
  std::vector<Votes> votes_;  // by rate
};

MaxRate RateFinder::run() {
  if (!look()) return result();
  std::optional<double> rate = start_;
  while (rate) {
    const Bracket now = bracket();
    if (!vote(*rate, now.held && now.broken && now.width() < near)) break;
    rate = next(bracket());
  }
  return result();
}

/// Where to begin.
bool RateFinder::look() {
  const Duration duration = spec_.budget / first_look_part;
  const Measured seen = measure_({.warm_up = duration / warm_up_part, .duration = duration});
  left_ -= seen.took;
  typical_ = seen.typical;
  start_ = std::clamp(seen.answered_per_s * of_estimate, lowest(), max_rate_per_s);
  interrupted_ = seen.kind == Kind::interrupted;
  return !interrupted_;
}

/// Measures a window at the rate; false where there is no time for it, or no more is wanted.
bool RateFinder::vote(double rate_per_s, bool is_near) {
  const Duration base = spec_.budget / (is_near ? near_part : short_part);
  const auto needed = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(spec_.min_requests / rate_per_s, 1e6)));
  const Duration duration = std::clamp(needed, base, spec_.budget / max_part);
  const Duration warm_up = std::clamp(typical_ * warm_up_times, duration / warm_up_part, duration);
  if (left_ < warm_up + duration) return false;
  const Measured seen =
      measure_({.rate_per_s = rate_per_s, .warm_up = warm_up, .duration = duration});
  left_ -= seen.took;
  interrupted_ = seen.kind == Kind::interrupted;
  if (interrupted_) return false;
  auto place = std::ranges::lower_bound(votes_, rate_per_s, {}, &Votes::rate_per_s);
  if (place == votes_.end() || place->rate_per_s != rate_per_s)
    place = votes_.insert(place, {.rate_per_s = rate_per_s});
  place->held += seen.kind == Kind::held ? 1 : 0;
  place->broken += seen.kind == Kind::broken ? 1 : 0;
  place->disturbed += seen.kind == Kind::disturbed ? 1 : 0;
  return true;
}

/// Between the two rates where the fewest votes are against it: those that broke below it and those
/// that held above. Of several such places it is the lowest.
RateFinder::Bracket RateFinder::bracket() const {
  int against = 0;
  for (const Votes& votes : votes_) against += weight_of_held * votes.held;
  int fewest = against;
  std::size_t best = 0;
  for (std::size_t i = 0; i < votes_.size(); ++i) {
    against +=
        votes_[i].is_disturbed_only() ? 1 : votes_[i].broken - weight_of_held * votes_[i].held;
    if (against < fewest) {
      fewest = against;
      best = i + 1;
    }
  }
  return {.held = best > 0 ? &votes_[best - 1] : nullptr,
          .broken = best < votes_.size() ? &votes_[best] : nullptr};
}

/// The rate to measure next; null where there is nothing left to find out.
std::optional<double> RateFinder::next(const Bracket& now) {
  for (const Votes& votes : votes_)
    if (votes.is_disturbed_only() && votes.disturbed < max_disturbed) return votes.rate_per_s;
  // Before the search turns away from a rate that broke, it has to break again.
  if (now.broken && now.broken->against() == 1) return now.broken->rate_per_s;
  if (!now.held) {
    if (now.broken->rate_per_s > lowest()) return below(now.broken->rate_per_s);
    return now.broken->against() < sure_broken_by ? std::optional(now.broken->rate_per_s)
                                                  : std::nullopt;
  }
  if (!now.broken) {
    if (now.held->rate_per_s >= max_rate_per_s) return std::nullopt;
    return above(now.held->rate_per_s);
  }
  if (!now.narrow()) return std::sqrt(now.held->rate_per_s * now.broken->rate_per_s);
  const int held_lacks = sure_held_by + now.held->against();
  const int broken_lacks = sure_broken_by - now.broken->against();
  if (std::max(held_lacks, broken_lacks) <= 0) return std::nullopt;
  return held_lacks >= broken_lacks ? now.held->rate_per_s : now.broken->rate_per_s;
}

double RateFinder::below(double rate_per_s) {
  return std::max(lowest(), rate_per_s / std::pow(first_step, std::exp2(steps_down_++)));
}

double RateFinder::above(double rate_per_s) {
  const double step = std::min(greatest_step_up, std::pow(first_step, std::exp2(steps_up_++)));
  return std::min(max_rate_per_s, rate_per_s * step);
}

MaxRate RateFinder::result() const {
  const Bracket last = bracket();
  MaxRate max;
  if (last.held) max.held_per_s = last.held->rate_per_s;
  if (last.broken) max.broke_per_s = last.broken->rate_per_s;
  max.confirmed = last.narrow() && -last.held->against() >= sure_held_by &&
                  last.broken->against() >= sure_broken_by;
  if (interrupted_)
    max.finding = Finding::interrupted;
  else if (last.broken && last.broken->is_disturbed_only())
    max.finding = Finding::client_was_limit;
  else
    max.finding = last.held ? Finding::found : Finding::never_held;
  return max;
}

}  // namespace

MaxRate find_max(const SearchSpec& spec, const Measure& measure) {
  return RateFinder(spec, measure).run();
}

bool keeps_up(std::uint64_t offered, std::uint64_t ended) {
  constexpr std::uint64_t few = 10, part = 50;
  return offered <= ended + std::max(few, offered / part);
}

}  // namespace contend::load
