// The turn of the loop: resume what can go on, wait, hand out what became ready, fire timers.
#include "engines/coro/loop.hpp"

#include <algorithm>

namespace contend::coro {

Loop::Loop(std::unique_ptr<Poller> poller, Duration spin)
    : poller_(std::move(poller)), spin_(spin), scratch_(scratch_size) {}

Loop::~Loop() {
  while (tasks_ != nullptr) {
    Task::promise_type* const first = std::exchange(tasks_, tasks_->next);
    if (tasks_ != nullptr) tasks_->previous = nullptr;
    Task::Handle::from_promise(*first).destroy();
  }
}

void Loop::spawn(Task task) {
  const Task::Handle handle = task.release();
  Task::promise_type& promise = handle.promise();
  promise.owner = this;
  promise.next = tasks_;
  if (tasks_ != nullptr) tasks_->previous = &promise;
  tasks_ = &promise;
  handle.resume();
}

void Loop::run(StopToken stop, TimePoint until) {
  Watch stop_watch{.fd = stop.fd(), .awaited = Watch::readable, .waiter = std::noop_coroutine()};
  if (stop.fd() >= 0) {
    add(stop_watch);
    if (poller_->tells_levels()) poller_->await(stop_watch);
  }
  while (tasks_ != nullptr && !failure_ && !stop.requested()) {
    if (until != TimePoint::max() && Clock::now() >= until) break;
    run_resumable();
    turn(until);
  }
  if (stop.fd() >= 0) remove(stop_watch, true);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Loop::turn(TimePoint until) {
  if (tasks_ == nullptr) return;
  const TimePoint next = timers_.empty() ? until : std::min(until, timers_.next());
  Duration timeout = Duration::max();
  if (!resumable_.empty() || next == TimePoint::min())
    timeout = Duration::zero();
  else if (next != TimePoint::max())
    timeout = std::max(next - Clock::now(), Duration::zero());

  batch_ = wait(timeout);
  now_.reset();
  for (const auto& [watch, events] : batch_) {
    if (watch == nullptr) continue;
    watch->ready |= events;
    if ((watch->awaited & events) == 0) continue;
    watch->awaited = 0;
    watch->waiter.resume();  // may end the watch, and null others of this batch
  }
  batch_ = {};
  if (!timers_.empty()) timers_.fire_due(now());
}

std::span<Poller::Ready> Loop::wait(Duration timeout) {
  if (spin_ == Duration::zero() || timeout == Duration::zero()) return poller_->wait(timeout);
  const TimePoint began = Clock::now();
  const Duration spin = std::min(spin_, timeout);
  for (Duration spent{}; spent < spin; spent = Clock::now() - began)
    if (const auto found = poller_->wait(Duration::zero()); !found.empty()) return found;
  return poller_->wait(timeout == Duration::max() ? timeout : timeout - spin);
}

void Loop::run_resumable() {
  resuming_.swap(resumable_);  // whoever yields again waits for the next turn
  for (const std::coroutine_handle<> waiter : resuming_) waiter.resume();
  resuming_.clear();
}

void Loop::remove(Watch& watch, bool stays_open) noexcept {
  poller_->remove(watch, stays_open);
  for (Poller::Ready& pending : batch_)
    if (pending.watch == &watch) pending.watch = nullptr;
}

void Loop::finished(Task::Handle task, std::exception_ptr failure) noexcept {
  const Task::promise_type& promise = task.promise();
  if (promise.previous != nullptr) promise.previous->next = promise.next;
  if (promise.next != nullptr) promise.next->previous = promise.previous;
  if (tasks_ == &promise) tasks_ = promise.next;
  task.destroy();
  if (failure && !failure_) failure_ = std::move(failure);
}

}  // namespace contend::coro
