// Waiting for a point in time.
#pragma once

#include "engines/coro/outcome.hpp"

namespace contend::coro {

/// Awaitable, once: `when` has come. Lives in one coroutine's frame and does not move. Whether one
/// whose time is past goes on at once, or after the others' turn, is to be said.
class Sleep final : public Suspension, private Timer {
 public:
  enum class Past : bool { goes_on, takes_turns };
  Sleep(Loop& loop, TimePoint when, Past past = Past::goes_on)
      : Timer(&Sleep::on_due), loop_(loop), when_(when), past_(past) {}
  /// Until the loop's next turn.
  explicit Sleep(Loop& loop) : Sleep(loop, TimePoint::min(), Past::takes_turns) {
    stage_ = Stage::waking;
  }

  bool await_ready() const { return past_ == Past::goes_on && when_ <= Clock::now(); }
  template <AnyPromise P>
  void await_suspend(std::coroutine_handle<P> waiter) {
    suspend(waiter.promise());
    if (stage_ == Stage::timed)
      loop_.timers().arm(*this, when_);
    else
      loop_.call_soon(*this);
    suspended();
  }
  void await_resume() {
    goes_on();
    if (cancelled_) throw CancelledError{};
  }

  /// Wakes the sleeper, if there is one, at the loop's next turn.
  void cut_short() {
    if (armed()) loop_.timers().arm(*this, TimePoint::min());
  }
  bool cancel() override {
    if (stage_ == Stage::waking) return false;
    if (armed())
      loop_.timers().disarm(*this);
    else
      unlink();
    cancelled_ = true;
    wake();
    return true;
  }

 private:
  enum class Stage : std::uint8_t { timed, due, waking };

  static void on_due(Timer& timer) {
    auto& self = static_cast<Sleep&>(timer);
    self.stage_ = Stage::due;
    self.then(&Sleep::end);
    self.loop_.call_soon(self);
  }
  // A turn later than could be, so that a timer's callback and a sleeper who are due together run
  // in the same order as in asyncio, whose timer completes a future that wakes the sleeper.
  static void end(Callback& callback) { static_cast<Sleep&>(callback).wake(); }
  void wake() {
    stage_ = Stage::waking;
    then(&Sleep::resume);
    loop_.call_soon(*this);
  }

  Loop& loop_;
  TimePoint when_;
  Past past_;
  Stage stage_ = Stage::timed;
  bool cancelled_ = false;
};

/// Awaitable: so much time has passed; for zero or less, the others have had their turn.
inline Sleep sleep(Duration how_long) {
  if (how_long <= Duration::zero()) return Sleep(Loop::running());
  return {Loop::running(), Clock::now() + how_long, Sleep::Past::takes_turns};
}

}  // namespace contend::coro
