// The turn of the loop: wait for descriptors, hand out what became ready, fire timers, and run what
// is its turn now. What is queued meanwhile waits for the next turn, as in asyncio.
#include "engines/coro/loop.hpp"

#include <algorithm>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdlib>
#include <stdexcept>

#include "engines/coro/mailbox.hpp"
#include "engines/coro/thread_pool.hpp"

namespace contend::coro {
namespace {

thread_local Loop* running_loop = nullptr;

/// The frames of this number of connections stay in the first-level cache. Of more, the next one is
/// fetched while the kernel is busy with the one before: with 512 connections an echo costs 1 to
/// 3 % less (scripts/limit.py).
constexpr std::size_t cached_connections = 64;

/// A watch lies in the middle of its coroutine's frame, all of which is about to be used. Null: the
/// watch has gone since.
void prefetch_frame(const Watch* watch) {
  if (watch == nullptr) return;
  constexpr std::ptrdiff_t line = 64, half_a_frame = 3 * line;
  const char* const middle = reinterpret_cast<const char*>(watch);
  for (std::ptrdiff_t offset = -half_a_frame; offset <= half_a_frame; offset += line)
    __builtin_prefetch(middle + offset);
}

bool debug_is_asked_for() {
  const char* const value = std::getenv("CONTEND_DEBUG");
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

}  // namespace

/// While it lives, the loop is the one that runs on this thread.
class RunningHere {
 public:
  explicit RunningHere(Loop& loop)
      : outer_(std::exchange(running_loop, &loop)),
        outer_debug_(Debug::set_current(loop.debug())) {}
  RunningHere(const RunningHere&) = delete;
  RunningHere& operator=(const RunningHere&) = delete;
  ~RunningHere() {
    running_loop = outer_;
    Debug::set_current(outer_debug_);
  }

 private:
  Loop* outer_;
  Debug* outer_debug_;
};

void Resumption::resume(Callback& callback) {
  Promise& waiter = *static_cast<Resumption&>(callback).waiter_;
  running_loop->resume(waiter);
}

/// A function that was asked to be called, with its timer where that is for later. The loop holds
/// it until it has been called or called off.
struct Handle::Scheduled : Callback, Timer, std::enable_shared_from_this<Scheduled> {
  Scheduled(Loop& its, std::function<void()> what)
      : Callback(&Scheduled::call),
        Timer(&Scheduled::on_due),
        loop(&its),
        function(std::move(what)) {}

  static void on_due(Timer& timer) {
    auto& self = static_cast<Scheduled&>(timer);
    self.loop->call_soon(self);
  }
  static void call(Callback& callback) {
    const auto self = static_cast<Scheduled&>(callback).shared_from_this();
    Loop& loop = *std::exchange(self->loop, nullptr);
    loop.scheduled_.erase(self);
    try {
      if (Debug* const debug = loop.debug())
        debug->watch(self->function);
      else
        self->function();
    } catch (...) {
      report_failed_callback(std::current_exception());
    }
  }

  Loop* loop;  // null: it was called, or called off, or its loop is closed
  std::function<void()> function;
};

void Handle::cancel() {
  Loop* const loop = std::exchange(scheduled_->loop, nullptr);
  if (loop == nullptr) return;
  if (scheduled_->queued()) scheduled_->unlink();
  if (scheduled_->armed()) loop->timers().disarm(*scheduled_);
  loop->scheduled_.erase(scheduled_);
}

Loop::Loop(std::unique_ptr<Poller> poller, Duration spin)
    : poller_(std::move(poller)),
      spin_(spin),
      scratch_(scratch_size),
      link_(new LoopLink{.scheduler = this}) {
  set_debug(debug_is_asked_for());
}

Loop::~Loop() {
  if (!closed_) close();
}

Loop* Loop::running_or_null() noexcept {
  return running_loop;
}

Loop& Loop::running() {
  if (running_loop == nullptr) throw std::logic_error("no loop is running on this thread");
  return *running_loop;
}

void Loop::set_debug(bool on) {
  if (on && !debug_kept_) debug_kept_ = std::make_unique<Debug>();
  debug_ = on ? debug_kept_.get() : nullptr;
  if (running_loop == this) Debug::set_current(debug_);
}

Handle Loop::call_soon(std::function<void()> callback) {
  expect_open();
  auto scheduled = std::make_shared<Handle::Scheduled>(*this, std::move(callback));
  scheduled_.insert(scheduled);
  call_soon(*scheduled);
  return Handle(std::move(scheduled));
}

Handle Loop::call_later(Duration delay, std::function<void()> callback) {
  expect_open();
  auto scheduled = std::make_shared<Handle::Scheduled>(*this, std::move(callback));
  scheduled_.insert(scheduled);
  timers_.arm(*scheduled, Clock::now() + delay);
  return Handle(std::move(scheduled));
}

void Loop::expect_open() const {
  if (closed_) throw std::logic_error("the loop is closed");
}

void Loop::expect_runnable() const {
  if (running_loop != nullptr) throw std::logic_error("a loop is running on this thread already");
  expect_open();
}

void Loop::run_until(const std::function<bool()>& is_done) {
  expect_runnable();
  const RunningHere here(*this);
  while (!is_done() && !failure_) turn(TimePoint::max());
  // As asyncio does it: being done stops the loop at its next turn, which the others still have.
  if (!timers_.empty()) timers_.fire_due(Clock::now());
  run_ready();
  now_.reset();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Loop::run_until_done(const OutcomeState& awaited) {
  run_until([&] { return awaited.done(); });
}

void Loop::cancel_all() {
  std::vector<boost::intrusive_ptr<OutcomeState>> left;
  for (TaskState& task : tasks()) left.emplace_back(&task.outcome());
  for (const auto& task : left) task->cancel();
  run_until([&] { return std::ranges::all_of(left, &OutcomeState::done); });
}

void Loop::close() {
  if (running_loop == this) throw std::logic_error("a running loop can't be closed");
  closed_ = true;
  default_executor_.reset();
  if (mailbox_) {
    mailbox_->await_all();
    remove(mailbox_->watch());
  }
  mailbox_.reset();
  ready_.clear();
  while (!scheduled_.empty()) Handle(*scheduled_.begin()).cancel();
  while (!tasks().empty()) tasks().front().abandon();
  while (spawned_ != nullptr) {
    Promise& first = *spawned_;
    spawned_ = first.place.neighbours.next;
    if (spawned_ != nullptr) spawned_->place.neighbours.previous = nullptr;
    first.handle().destroy();
  }
  link_->scheduler = nullptr;
  ready_.clear();
}

void Loop::spawn(Coroutine<> coroutine) {
  Promise& promise = coroutine.release();
  promise.owner = this;
  promise.place.neighbours = {.previous = nullptr, .next = spawned_};
  if (spawned_ != nullptr) spawned_->place.neighbours.previous = &promise;
  spawned_ = &promise;
  const RunningHere here(*this);
  resume(promise);
}

void Loop::run(StopToken stop, TimePoint until) {
  const RunningHere here(*this);
  Watch stop_watch{.fd = stop.fd(), .awaited = Watch::readable};
  if (stop.fd() >= 0) {
    add(stop_watch);
    if (poller_->is_level_triggered()) poller_->await(stop_watch);
  }
  while (spawned_ != nullptr && !failure_ && !stop.requested()) {
    if (until != TimePoint::max() && Clock::now() >= until) break;
    turn(until);
  }
  if (stop.fd() >= 0) remove(stop_watch, true);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Loop::turn(TimePoint until) {
  if (ready_.empty() || unpolled_ >= max_unpolled) poll(until);
  if (!timers_.empty()) timers_.fire_due(now());
  run_ready();
  now_.reset();
}

void Loop::poll(TimePoint until) {
  const TimePoint next = timers_.empty() ? until : std::min(until, timers_.next());
  Duration timeout = Duration::max();
  if (!ready_.empty() || next == TimePoint::min())
    timeout = Duration::zero();
  else if (next != TimePoint::max())
    timeout = std::max(next - Clock::now(), Duration::zero());

  batch_ = wait(timeout);
  unpolled_ = 0;
  now_.reset();
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (batch_.size() > cached_connections && i + 1 < batch_.size())
      prefetch_frame(batch_[i + 1].watch);
    const auto& [watch, events] = batch_[i];
    if (watch == nullptr) continue;
    watch->ready |= events;
    if ((watch->awaited & events) == 0 || watch->waiter == nullptr) continue;
    watch->awaited = 0;
    resume(*watch->waiter);  // may end the watch, and null others of this batch
  }
  batch_ = {};
}

std::span<Poller::Ready> Loop::wait(Duration timeout) {
  if (spin_ == Duration::zero() || timeout == Duration::zero()) return poller_->wait(timeout);
  const TimePoint began = Clock::now();
  const Duration spin = std::min(spin_, timeout);
  for (Duration spent{}; spent < spin; spent = Clock::now() - began)
    if (const auto found = poller_->wait(Duration::zero()); !found.empty()) return found;
  return poller_->wait(timeout == Duration::max() ? timeout : timeout - spin);
}

void Loop::run_ready() {
  Callbacks turns;
  turns.swap(ready_);
  for (; !turns.empty(); ++unpolled_) {
    Callback& callback = turns.front();
    turns.pop_front();
    callback.fire();
  }
}

void Loop::remove(Watch& watch, bool stays_open) noexcept {
  poller_->remove(watch, stays_open);
  for (Poller::Ready& pending : batch_)
    if (pending.watch == &watch) pending.watch = nullptr;
}

void Loop::finished(Promise& promise) noexcept {
  auto& [previous, next] = promise.place.neighbours;
  if (previous != nullptr) previous->place.neighbours.next = next;
  if (next != nullptr) next->place.neighbours.previous = previous;
  if (spawned_ == &promise) spawned_ = next;
  std::exception_ptr failure = std::move(promise.failure);
  promise.handle().destroy();
  if (failure && !failure_) failure_ = std::move(failure);
}

Mailbox& Loop::mailbox() {
  if (!mailbox_) {
    mailbox_ = std::make_unique<Mailbox>();
    add(mailbox_->watch());
    spawn(deliver_mail());
  }
  return *mailbox_;
}

Coroutine<> Loop::deliver_mail() {
  for (;;) {
    co_await ready(mailbox_->watch(), Watch::readable);
    mailbox_->watch().ready = 0;
    mailbox_->deliver();
  }
}

ThreadPool& Loop::default_executor() {
  if (!default_executor_) default_executor_ = std::make_unique<ThreadPool>();
  return *default_executor_;
}

}  // namespace contend::coro
