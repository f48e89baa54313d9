// What a window puts around the sessions of a workload: it counts their connections and holds them
// open when the window is over, and it adds silent ones. It speaks no protocol itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engines/stop.hpp"
#include "harness/load/schedule/run_state.hpp"
#include "workloads/backoff.hpp"
#include "workloads/session.hpp"

namespace contend::load {

/// The connections of all sessions of a load. Written by the thread that drives, read by any.
class Connections {
 public:
  explicit Connections(std::uint32_t sessions) : sessions_(sessions) {}

  /// Sessions that have had a connection.
  std::uint32_t sessions_connected() const { return connected_.load(std::memory_order_relaxed); }
  /// Connections made so far: more than sessions, where they connect again.
  std::uint64_t made() const { return made_.load(std::memory_order_relaxed); }
  /// Connections open now.
  std::uint32_t open() const { return open_.load(std::memory_order_relaxed); }
  /// Stops as soon as each session has had a connection.
  StopToken all_connected() const { return all_connected_.token(); }

  void opened(bool for_the_first_time);
  void closed() { add(open_, -1); }

 private:
  /// One writer: no need for a locked instruction.
  template <typename T>
  static void add(std::atomic<T>& counter, int change) {
    counter.store(counter.load(std::memory_order_relaxed) + static_cast<T>(change),
                  std::memory_order_relaxed);
  }

  std::uint32_t sessions_;
  std::atomic<std::uint32_t> connected_{0}, open_{0};
  std::atomic<std::uint64_t> made_{0};
  StopSource all_connected_;
};

/// Plays `inner` until the load has ended; from then on it sends nothing more, whatever comes,
/// and keeps the connection open, so that the server's memory can be looked at.
class HeldSession final : public Session {
 public:
  /// The load's state and the connections are borrowed.
  HeldSession(std::unique_ptr<Session> inner, const RunState& state, Connections& connections)
      : inner_(std::move(inner)), state_(state), connections_(connections) {}

  Step on_open() override;
  Step on_bytes(Bytes bytes) override;
  Step on_early_bytes(Bytes bytes) override;
  Step on_sent() override;
  Step on_timeout() override;
  Step on_failure(Failure failure) override;

 private:
  /// `step` if the window still goes on, else silence.
  Step unless_over(Step step);
  void note_closed();

  std::unique_ptr<Session> inner_;
  const RunState& state_;
  Connections& connections_;
  bool open_ = false, was_open_ = false;
};

/// Connects and says nothing. If the server closes, it connects anew after a back-off.
class IdleSession final : public Session {
 public:
  /// The `number`-th of `count` idle sessions, from 0.
  IdleSession(std::uint32_t number, std::uint32_t count) : backoff_(number, count) {}

  Step on_open() override { return {}; }
  Step on_bytes(Bytes) override { return {}; }
  Step on_timeout() override { return {}; }
  Step on_failure(Failure) override {
    return {.not_before = Clock::now() + backoff_.next(), .then = Step::Then::reconnect};
  }

 private:
  Backoff backoff_;
};

}  // namespace contend::load
