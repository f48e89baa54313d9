// Being done, waking who waits, and being cancelled.
#include "engines/coro/task_state.hpp"

#include <fmt/format.h>

namespace contend::coro {
namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  // libstdc++'s way to ask without throwing it once more, which takes about a microsecond.
  return failure && *failure.__cxa_exception_type() == typeid(CancelledError);
}

class BeingTrue {
 public:
  explicit BeingTrue(bool& value) : value_(value) { value_ = true; }
  BeingTrue(const BeingTrue&) = delete;
  BeingTrue& operator=(const BeingTrue&) = delete;
  ~BeingTrue() { value_ = false; }

 private:
  bool& value_;
};

}  // namespace

OutcomeState::OutcomeState(boost::intrusive_ptr<LoopLink> link) : link_(std::move(link)) {}

OutcomeState::~OutcomeState() {
  if (was_never_taken()) report_never_taken("a future", failure_);
}

Scheduler& OutcomeState::scheduler() const {
  if (link_->scheduler == nullptr) throw std::logic_error("the loop is closed");
  return *link_->scheduler;
}

bool OutcomeState::cancel() {
  if (done()) return false;
  finish_cancelled();
  return true;
}

void OutcomeState::when_done(Callback& callback) {
  if (done())
    scheduler().call_soon(callback);
  else
    waiters_.push_back(callback);
}

void OutcomeState::finish(std::exception_ptr failure) {
  if (done()) throw InvalidStateError("the future is done already");
  if (is_cancellation(failure)) return finish_cancelled();
  failure_ = std::move(failure);
  stage_ = Stage::finished;
  wake_waiters();
}

void OutcomeState::finish_cancelled() {
  stage_ = Stage::cancelled;
  wake_waiters();
}

void OutcomeState::wake_waiters() {
  while (!waiters_.empty()) {
    Callback& waiter = waiters_.front();
    waiters_.pop_front();
    if (link_->scheduler != nullptr) link_->scheduler->call_soon(waiter);
  }
}

std::exception_ptr OutcomeState::exception() {
  if (!done()) throw InvalidStateError("the future is not done yet");
  if (cancelled()) throw CancelledError{};
  failure_taken_ = true;
  return failure_;
}

void OutcomeState::check_result() {
  if (const std::exception_ptr failure = exception()) std::rethrow_exception(failure);
}

TaskState::TaskState(OutcomeState& outcome, Promise& root, std::source_location created_at)
    : root_(&root), outcome_(outcome), function_(root.place.function), created_at_(created_at) {
  root.owner = this;
  intrusive_ptr_add_ref(&outcome_);
  Scheduler& scheduler = outcome_.scheduler();
  outcome_.link()->tasks.push_back(*this);
  scheduler.call_soon(start_);
}

void TaskState::Start::go(Callback& callback) {
  TaskState& task = static_cast<Start&>(callback).task;
  if (task.must_cancel_)
    task.abandon();
  else
    task.outcome_.scheduler().resume(*task.root_);
}

bool TaskState::cancel() {
  if (outcome_.done()) return false;
  if (being_cancelled_) throw std::logic_error("tasks await each other");
  const BeingTrue here(being_cancelled_);
  if (awaited_ == nullptr || !awaited_->cancel()) must_cancel_ = true;
  return true;
}

void TaskState::waits_for(Cancellable& awaited) {
  awaited_ = &awaited;
  if (must_cancel_ && awaited.cancel()) must_cancel_ = false;
}

void TaskState::goes_on() {
  awaited_ = nullptr;
  if (std::exchange(must_cancel_, false)) throw CancelledError{};
}

void TaskState::abandon() {
  awaited_ = nullptr;
  root_->handle().destroy();
  end(std::make_exception_ptr(CancelledError{}));
}

void TaskState::end(std::exception_ptr failure) noexcept {
  unlink();
  if (!failure && must_cancel_)
    outcome_.finish_cancelled();
  else
    outcome_.finish(std::move(failure));
  intrusive_ptr_release(&outcome_);
}

std::string TaskState::description() const {
  return fmt::format("{}, created at {}", described(function_), place_of(created_at_));
}

}  // namespace contend::coro
