// The queue of those that are overdue.
#include "harness/load/arrivals.hpp"

#include <algorithm>

namespace contend::load {
namespace {

/// Claimed ones are cleared away when they are so many, and half of the queue.
constexpr std::size_t cleared_from = 4096;

}  // namespace

void Arrivals::catch_up(TimePoint now) {
  for (; times_.next() <= now; times_.take()) {
    if (waiting() < queue_limit_)
      queue_.push_back(times_.next());
    else
      dropped_ += 1;
  }
  most_waiting_ = std::max(most_waiting_, waiting());
}

std::size_t Arrivals::waiting(TimePoint now) {
  const auto held = lock();
  catch_up(now);
  return waiting();
}

std::size_t Arrivals::waiting_since(TimePoint time) const {
  const auto held = lock();
  const auto first = queue_.begin() + static_cast<std::ptrdiff_t>(taken_);
  return static_cast<std::size_t>(std::upper_bound(first, queue_.end(), time) - first);
}

std::optional<TimePoint> Arrivals::claim_due(TimePoint now) {
  const auto held = lock();
  catch_up(now);
  return waiting() > 0 ? std::optional(take_queued()) : std::nullopt;
}

TimePoint Arrivals::claim(TimePoint now) {
  const auto held = lock();
  catch_up(now);
  if (waiting() > 0) return take_queued();
  const TimePoint due = times_.next();
  if (due != TimePoint::max()) times_.take();
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
