// run_in_executor: a call on another thread or in another process, awaited like any other future,
// so that what blocks or computes does not stall the loop.
#pragma once

#include <atomic>
#include <functional>
#include <type_traits>

#include "engines/coro/mailbox.hpp"
#include "engines/coro/outcome.hpp"
#include "engines/coro/thread_pool.hpp"

namespace contend::coro {

/// Deletes itself when it has brought its result back.
template <typename Function, typename Result>
class Call final : public Work {
 public:
  /// A future that calls the call off: one that has not begun never will; what one that has begun
  /// returns is dropped.
  class State final : public ValueState<Result> {
   public:
    using ValueState<Result>::ValueState;
    bool cancel() override {
      called_off = true;
      return ValueState<Result>::cancel();
    }
    std::atomic<bool> called_off = false;
  };

  Call(Loop& loop, Function function)
      : Work(&Call::bring_back),
        loop_mailbox_(loop.mailbox()),
        state_(new State(loop.link())),
        function_(std::move(function)) {
    loop_mailbox_.expect();
  }

  Future<Result> future() const { return Future<Result>(state_); }

  void perform() noexcept override {
    try {
      if (!state_->called_off) {
        if constexpr (std::is_void_v<Result>)
          function_();
        else
          result_.emplace(function_());
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
    loop_mailbox_.post(*this);
  }

 private:
  static void bring_back(Callback& callback) {
    auto& self = static_cast<Call&>(callback);
    if (!self.state_->done()) {
      if constexpr (!std::is_void_v<Result>) self.state_->value = std::move(self.result_);
      self.state_->finish(std::move(self.failure_));
    }
    delete &self;
  }

  Mailbox& loop_mailbox_;
  boost::intrusive_ptr<State> state_;  // copied and dropped on the loop's thread only
  Function function_;
  std::optional<OrNothing<Result>> result_;
  std::exception_ptr failure_;
};

/// Calls `function()` on a thread of the pool. The future has what it returned, or threw. The pool
/// has to live until then; closing the loop waits for it.
template <std::invocable Function>
auto run_in_executor(ThreadPool& pool, Function function) {
  using Result = std::invoke_result_t<Function&>;
  auto* const call = new Call<Function, Result>(Loop::running(), std::move(function));
  const Future<Result> future = call->future();
  pool.submit(*call);
  return future;
}

/// On the loop's own pool, which is made for the first call.
template <std::invocable Function>
auto run_in_executor(Function function) {
  return run_in_executor(Loop::running().default_executor(), std::move(function));
}

}  // namespace contend::coro
