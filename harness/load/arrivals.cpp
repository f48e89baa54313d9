// Schedules of arrivals, and the queue of those that are overdue.
#include "harness/load/arrivals.hpp"

#include <algorithm>
#include <cmath>

namespace contend::load {
namespace {

constexpr double ns_per_s = 1e9;
/// Claimed ones are cleared away when they are so many, and half of the queue.
constexpr std::size_t cleared_from = 4096;

Duration nanoseconds(double count) {
  return Duration(static_cast<Duration::rep>(std::llround(count)));
}

}  // namespace

std::string_view to_string(Law law) {
  return law == Law::uniform ? "uniform" : "poisson";
}

Arrivals::Arrivals(const Schedule& schedule, TimePoint begin, TimePoint end)
    : schedule_(schedule), begin_(begin), end_(end), next_(begin), random_(schedule.seed) {
  if (schedule_.law == Law::poisson) next_ = following();
}

/// Each of `uniform` is computed from its number and not from the one before, so that no error of
/// rounding adds up: the k-th is due k / rate after the beginning, to the nanosecond.
TimePoint Arrivals::following() {
  number_ += 1;
  if (schedule_.law == Law::uniform)
    return begin_ + nanoseconds(static_cast<double>(number_) * ns_per_s / schedule_.rate_per_s);
  // By inversion: -ln(u) / rate is exponentially distributed where u is uniform in (0, 1].
  const double u = (static_cast<double>(random_() >> 11) + 1) * 0x1p-53;
  elapsed_ns_ -= std::log(u) * ns_per_s / schedule_.rate_per_s;
  return begin_ + nanoseconds(elapsed_ns_);
}

void Arrivals::catch_up(TimePoint now) {
  for (; next_ <= now && next_ < end_; next_ = following()) {
    if (waiting() < schedule_.queue_limit)
      queue_.push_back(next_);
    else
      dropped_ += 1;
  }
  most_waiting_ = std::max(most_waiting_, waiting());
}

bool Arrivals::has_due(TimePoint now) {
  return waiting(now) > 0;
}

std::size_t Arrivals::waiting(TimePoint now) {
  catch_up(now);
  return waiting();
}

TimePoint Arrivals::claim(TimePoint now) {
  if (waiting(now) > 0) return take_queued();
  const TimePoint due = next_;
  next_ = following();
  return due;
}

TimePoint Arrivals::take_queued() {
  const TimePoint due = queue_[taken_++];
  if (taken_ == queue_.size()) {
    queue_.clear();
    taken_ = 0;
  } else if (taken_ >= cleared_from && taken_ * 2 >= queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  return due;
}

}  // namespace contend::load
