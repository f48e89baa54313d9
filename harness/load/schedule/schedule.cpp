// Due times: the inverse of the expected number of requests.
#include "harness/load/schedule/schedule.hpp"

#include <cmath>
#include <numeric>

namespace contend::load {
namespace {

Duration duration_of(double count_s) {
  constexpr double ns_per_s = 1e9;
  return Duration(static_cast<Duration::rep>(std::llround(count_s * ns_per_s)));
}

double expected_of(const Stage& stage) {
  return (stage.from_per_s + stage.to_per_s) / 2 * seconds_of(stage.duration);
}

/// When so many are to be expected since the stage began: the root of
/// from t + (to - from) / (2 d) t^2 = expected, in the form that loses no digits where the second
/// term is small (Press et al., Numerical Recipes, 5.6).
double time_in_stage_s(const Stage& stage, double expected) {
  if (expected <= 0) return 0;
  const double from = stage.from_per_s, slope = stage.to_per_s - from;
  if (slope == 0) return expected / from;
  const double root = from * from + 2 * expected * slope / seconds_of(stage.duration);
  return 2 * expected / (from + std::sqrt(std::max(root, 0.0)));
}

}  // namespace

std::string_view to_string(Law law) {
  return law == Law::uniform ? "uniform" : "poisson";
}

Schedule Schedule::constant(double rate_per_s, Duration duration) {
  return {.stages = {{.duration = duration, .from_per_s = rate_per_s, .to_per_s = rate_per_s}}};
}

Duration Schedule::duration() const {
  return std::accumulate(stages.begin(), stages.end(), Duration{},
                         [](Duration sum, const Stage& stage) { return sum + stage.duration; });
}

double Schedule::expected() const {
  return std::accumulate(stages.begin(), stages.end(), 0.0,
                         [](double sum, const Stage& stage) { return sum + expected_of(stage); });
}

double Schedule::mean_rate_per_s() const {
  return expected() / seconds_of(duration());
}

DueTimes::DueTimes(const Schedule& schedule, TimePoint begin)
    : stages_(schedule.stages),
      law_(schedule.law),
      parts_(schedule.parts),
      random_(schedule.seed),
      begin_(begin),
      stage_begin_(begin),
      stage_end_expected_(expected_of(stages_.at(0))),
      number_(schedule.part) {
  if (law_ == Law::poisson)
    take();
  else
    next_ = when(static_cast<double>(number_));
}

/// Each of `uniform` is computed from its number and not from the one before, so that no error of
/// rounding adds up. `poisson` is a process of rate 1 in the expected number: its intervals are by
/// inversion -ln(u), where u is uniform in (0, 1], and in each of several parts so many times
/// longer.
void DueTimes::take() {
  if (law_ == Law::uniform) {
    number_ += parts_;
    next_ = when(static_cast<double>(number_));
    return;
  }
  expected_ -= parts_ * std::log((static_cast<double>(random_() >> 11) + 1) * 0x1p-53);
  next_ = when(expected_);
}

/// What is expected at the end of a stage belongs to the next one.
TimePoint DueTimes::when(double expected) {
  while (expected >= stage_end_expected_) {
    if (stage_ + 1 >= stages_.size()) return TimePoint::max();
    stage_begin_ += stages_[stage_].duration;
    stage_expected_ = stage_end_expected_;
    stage_end_expected_ += expected_of(stages_[++stage_]);
  }
  return stage_begin_ + duration_of(time_in_stage_s(stages_[stage_], expected - stage_expected_));
}

}  // namespace contend::load
