// A binary heap in which every timer knows its place, so that it can be taken out.
#include "engines/coro/timers.hpp"

namespace contend::coro {

void Timers::arm(Timer& timer, TimePoint when) {
  timer.when_ = when;
  if (timer.heap_ == nullptr) {
    heap_.push_back(&timer);
    timer.heap_ = this;
    timer.place_ = heap_.size() - 1;
  }
  sift_up(timer.place_);
  sift_down(timer.place_);
}

void Timers::disarm(Timer& timer) {
  if (timer.heap_ == nullptr) return;
  const std::size_t hole = timer.place_;
  Timer& last = *heap_.back();
  heap_.pop_back();
  timer.heap_ = nullptr;
  if (&last == &timer) return;
  place(last, hole);
  sift_up(hole);
  sift_down(last.place_);
}

void Timers::fire_due(TimePoint now) {
  while (!heap_.empty() && heap_.front()->when_ <= now) {
    Timer& due = *heap_.front();
    disarm(due);
    due.fire_(due);
  }
}

void Timers::place(Timer& timer, std::size_t at) {
  heap_[at] = &timer;
  timer.place_ = at;
}

void Timers::sift_up(std::size_t at) {
  Timer& moving = *heap_[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (heap_[parent]->when_ <= moving.when_) break;
    place(*heap_[parent], at);
    at = parent;
  }
  place(moving, at);
}

void Timers::sift_down(std::size_t at) {
  Timer& moving = *heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ < heap_[child]->when_) ++child;
    if (moving.when_ <= heap_[child]->when_) break;
    place(*heap_[child], at);
    at = child;
  }
  place(moving, at);
}

}  // namespace contend::coro
