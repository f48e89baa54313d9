// The queue of those that are overdue.
#include "harness/load/schedule/arrivals.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace contend::load {
namespace {

/// Claimed ones are cleared away when they are so many, and half of the queue.
constexpr std::size_t cleared_from = 4096;
/// A claim notes no more than this number of requests that became due, so that it takes
/// milliseconds even if the schedule is faster than any client.
constexpr std::size_t max_at_once = 100'000;

}  // namespace

void Arrivals::catch_up(TimePoint now) {
  for (std::size_t left = max_at_once; left > 0 && times_.next() <= now; --left, times_.take()) {
    if (queued() < queue_limit_)
      queue_.push_back(times_.next());
    else
      dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  max_waiting_ = std::max(max_waiting_, queued() + returned_.size());
}

void Arrivals::give_back(TimePoint due) {
  const auto held = lock();
  returned_.push_back(due);
  std::ranges::push_heap(returned_, std::greater{});
}

std::vector<TimePoint> Arrivals::waiting(TimePoint now) {
  const auto held = lock();
  while (times_.next() <= now) catch_up(now);
  std::vector<TimePoint> all(queue_.begin() + static_cast<std::ptrdiff_t>(taken_), queue_.end());
  std::ranges::copy_if(returned_, std::back_inserter(all),
                       [&](TimePoint due) { return due <= now; });
  std::ranges::sort(all);
  return all;
}

std::optional<TimePoint> Arrivals::claim_due(TimePoint now) {
  const auto held = lock();
  catch_up(now);
  return next() <= now ? std::optional(take()) : std::nullopt;
}

TimePoint Arrivals::claim(TimePoint now) {
  const auto held = lock();
  catch_up(now);
  return take();
}

/// The earliest that is not claimed; TimePoint::max() if none is left.
TimePoint Arrivals::next() const {
  const TimePoint due = queued() > 0 ? queue_[taken_] : times_.next();
  return returned_.empty() ? due : std::min(due, returned_.front());
}

/// Takes what `next` returns.
TimePoint Arrivals::take() {
  const TimePoint due = next();
  if (!returned_.empty() && returned_.front() == due) {
    std::ranges::pop_heap(returned_, std::greater{});
    returned_.pop_back();
  } else if (queued() == 0) {
    if (due != TimePoint::max()) times_.take();
  } else if (++taken_ == queue_.size()) {
    queue_.clear();
    taken_ = 0;
  } else if (taken_ >= cleared_from && taken_ * 2 >= queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  return due;
}

}  // namespace contend::load
