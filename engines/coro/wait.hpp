// Waiting for tasks with a limit, behind a shield, and for many at once. Turn by turn as
// asyncio 3.11 does it (Lib/asyncio/tasks.py), so that what runs beside it runs in the same order.
#pragma once

#include <deque>
#include <tuple>
#include <vector>

#include "engines/coro/sleep.hpp"
#include "engines/coro/task.hpp"

namespace contend::coro {

/// Completes a future when it fires, which its place of work is told of by the loop; or at a time.
class Release : public Callback, public Timer {
 public:
  explicit Release(const Future<>& future)
      : Callback(&Release::release), Timer(&Release::on_due), future_(future) {}

 private:
  static void release(Callback& callback) {
    const Future<>& future = static_cast<Release&>(callback).future_;
    if (!future.done()) future.set_result();
  }
  static void on_due(Timer& timer) {
    auto& self = static_cast<Release&>(timer);
    self.future_.state()->scheduler().call_soon(self);
  }
  Future<> future_;
};

template <typename T>
Coroutine<> cancel_and_wait(Outcome<T> outcome) {
  const Future<> ended;
  Release release(ended);
  outcome.state()->when_done(release);
  outcome.cancel();
  co_await ended;
}

/// The outcome's result, if it comes within `timeout`; otherwise it is cancelled, and once it has
/// ended, TimeoutError is thrown. Whoever is cancelled in here cancels it too.
template <typename T>
Coroutine<T> wait_for(Outcome<T> outcome, Duration timeout) {
  bool cancelled = false;
  if (timeout > Duration::zero()) {
    const Future<> released;
    Release when_done(released), at_timeout(released);
    Loop& loop = Loop::running();
    loop.timers().arm(at_timeout, Clock::now() + timeout);
    outcome.state()->when_done(when_done);
    try {
      co_await released;
    } catch (const CancelledError&) {
      cancelled = true;
    }
  }
  if (outcome.done()) co_return outcome.result();
  co_await cancel_and_wait(outcome);
  if (cancelled) throw CancelledError{};
  if (outcome.cancelled()) throw TimeoutError();
  co_return outcome.result();
}

/// The same for a coroutine, of which it makes a task when it is awaited.
template <typename T>
Coroutine<T> wait_for(Coroutine<T> coroutine, Duration timeout,
                      std::source_location created_at = std::source_location::current()) {
  co_return co_await wait_for<T>(create_task(std::move(coroutine), created_at), timeout);
}

/// What `shield` gives: done when the inner one is, but cancelled alone.
template <typename T>
class ShieldState final : public ValueState<T> {
 public:
  explicit ShieldState(Outcome<T> inner)
      : ValueState<T>(inner.state()->link()), inner_(std::move(inner)) {
    inner_.state()->when_done(follow_);
  }

 private:
  struct Follow : Callback {
    explicit Follow(ShieldState& its) : Callback(&Follow::go), shield(its) {}
    static void go(Callback& callback) { static_cast<Follow&>(callback).shield.inner_is_done(); }
    ShieldState& shield;
  };

  void inner_is_done() {
    if (this->done()) return;
    if (inner_.cancelled()) return this->finish_cancelled();
    std::exception_ptr failure = inner_.exception();
    if constexpr (!std::is_void_v<T>)
      if (!failure) this->value = inner_.state()->value;
    this->finish(std::move(failure));
  }

  Outcome<T> inner_;
  Follow follow_{*this};
};

/// Awaiting it awaits the inner one; being cancelled meanwhile does not reach that, which goes on.
template <typename T>
Outcome<T> shield(const Outcome<T>& inner) {
  if (inner.done()) return inner;
  return Outcome<T>(new ShieldState<T>(inner));
}
template <typename T>
Outcome<T> shield(Coroutine<T> coroutine,
                  std::source_location created_at = std::source_location::current()) {
  return shield<T>(create_task(std::move(coroutine), created_at));
}

/// What `gather` gives. Cancelling it cancels all that are not done.
template <typename Results>
class GatherState final : public ValueState<Results> {
 public:
  explicit GatherState(Loop& loop) : ValueState<Results>(loop.link()) {}
  /// All of them, then what makes the results of them.
  template <typename T>
  void add(const Outcome<T>& outcome) {
    children_.emplace_back(*this, outcome.state());
  }
  void begin(std::function<Results()> collect) {
    collect_ = std::move(collect);
    for (Child& child : children_) child.outcome->when_done(child);
    if (children_.empty()) finish_all();
  }
  bool cancel() override {
    if (this->done()) return false;
    for (Child& child : children_) cancelled_ |= child.outcome->cancel();
    return cancelled_;
  }

 private:
  struct Child : Callback {
    Child(GatherState& its, boost::intrusive_ptr<OutcomeState> one)
        : Callback(&Child::go), all(its), outcome(std::move(one)) {}
    static void go(Callback& callback) {
      auto& child = static_cast<Child&>(callback);
      child.all.is_done(*child.outcome);
    }
    GatherState& all;
    boost::intrusive_ptr<OutcomeState> outcome;
  };

  void is_done(OutcomeState& one) {
    ++done_;
    if (this->done()) {
      if (!one.cancelled()) static_cast<void>(one.exception());  // the first one's was told
    } else if (one.cancelled()) {
      this->finish_cancelled();
    } else if (const std::exception_ptr failure = one.exception()) {
      this->finish(failure);
    } else if (done_ == children_.size()) {
      finish_all();
    }
  }
  void finish_all() {
    if (cancelled_) return this->finish_cancelled();
    this->value = collect_();
    this->finish();
  }

  std::deque<Child> children_;
  std::function<Results()> collect_;
  std::size_t done_ = 0;
  bool cancelled_ = false;
};

template <typename T>
OrNothing<T> result_of(const Outcome<T>& outcome) {
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return outcome.result();
}

template <typename... T>
auto gather_outcomes(const Outcome<T>&... outcomes) {
  using Results = std::tuple<OrNothing<T>...>;
  boost::intrusive_ptr<GatherState<Results>> state(new GatherState<Results>(Loop::running()));
  (state->add(outcomes), ...);
  state->begin([outcomes...] { return Results(result_of(outcomes)...); });
  return Outcome<Results>(std::move(state));
}

/// A coroutine, a task or a future; not a vector of them.
template <typename Awaitable>
concept Gatherable = requires(Awaitable&& awaitable) {
  ensure_task(std::forward<Awaitable>(awaitable));
};

/// Awaitable: all of them beside each other; coroutines become tasks at once. The results, in the
/// order of the arguments, with Nothing for void. The first that fails is told at once, and the
/// others go on.
template <Gatherable... Awaitable>
auto gather(Awaitable&&... awaitables) {
  // Braces, unlike a call's parentheses, keep the order in which the tasks are made and so begin.
  const std::tuple tasks{ensure_task(std::forward<Awaitable>(awaitables))...};
  return std::apply([](const auto&... each) { return gather_outcomes(each...); }, tasks);
}

/// The same for as many as there are, all of one type.
template <typename One>
auto gather(const std::vector<One>& tasks) {
  using T = typename One::Value;
  using Results = std::vector<OrNothing<T>>;
  boost::intrusive_ptr<GatherState<Results>> state(new GatherState<Results>(Loop::running()));
  for (const One& one : tasks) state->add(one);
  state->begin([tasks] {
    Results results;
    results.reserve(tasks.size());
    for (const Outcome<T>& one : tasks) results.push_back(result_of(one));
    return results;
  });
  return Outcome<Results>(std::move(state));
}

}  // namespace contend::coro
