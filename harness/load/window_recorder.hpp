// Where the sessions of a load report while one window is measured: counts and histograms in fixed
// memory. It neither drives the sessions nor decides when the window is; see load.hpp.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/stats/histogram.hpp"
#include "workloads/workload.hpp"

namespace contend {

/// Errors by ReplyError.
using ErrorCounts = std::array<std::uint64_t, reply_error_count>;

/// Goes through three phases: warm-up; the window, from a time that is told to `open_window`; over,
/// from `close` on. A reply belongs to the window if it was answered in it, whenever it was sent;
/// all others are dropped. Errors are counted in the window and, apart, before it.
///
/// One thread drives the sessions and so calls the Recorder's functions, none of which allocates,
/// locks or waits. Another one may open the window and close it, and read the results after that.
class LoadRecorder final : public Recorder {
 public:
  /// `kinds` is how many classes of request the workload has, at least 1. `now` tells when an
  /// error happened; tests have clocks of their own.
  LoadRecorder(std::uint32_t clients, std::size_t kinds, TimePoint (*now)() = Clock::now);

  /// The window begins then. Once only.
  void open_window(TimePoint begin) noexcept { begin_.store(begin, std::memory_order_relaxed); }
  /// After this returns nothing changes any more. Waits for a record in hand, some nanoseconds.
  void close() noexcept;
  std::uint32_t clients() const override { return static_cast<std::uint32_t>(operations_.size()); }
  bool over() const noexcept { return closed_.load(std::memory_order_relaxed); }

  void replied(const Exchange& exchange) override { replied_all(exchange, 1); }
  void replied_all(const Exchange& exchange, std::uint64_t count) override;
  void failed(const Exchange& exchange, ReplyError error) override;
  /// Until the recorder is closed.
  bool goes_on(std::uint32_t, std::uint64_t) override { return !over(); }

  // Results: for the driving thread at any time, for others after `close`.

  std::uint64_t operations() const;
  /// Latencies of the window by kind, from 0; of all kinds.
  const Histogram& latencies(std::size_t kind) const { return latencies_.at(kind); }
  Histogram all_latencies() const;
  const ErrorCounts& errors() const { return errors_; }
  const ErrorCounts& warmup_errors() const { return warmup_errors_; }
  /// When the first error of the window happened.
  std::optional<TimePoint> first_error() const { return first_error_; }
  /// Jain's index of the clients' operations, (sum x)^2 / (n x sum x^2): 1 where all got the same,
  /// 1/n where one got all (Jain, Chiu and Hawe 1984). Null where nobody got any.
  std::optional<double> fairness_jain() const;
  /// Clients without one operation.
  std::uint32_t starved_clients() const;

 private:
  bool in_window(TimePoint time) const noexcept {
    return time >= begin_.load(std::memory_order_relaxed);
  }
  bool enter() noexcept;
  void leave() noexcept { recording_.store(false, std::memory_order_release); }

  TimePoint (*now_)();
  std::vector<Histogram> latencies_;
  std::vector<std::uint64_t> operations_;  // by client
  ErrorCounts errors_{}, warmup_errors_{};
  std::optional<TimePoint> first_error_;
  std::atomic<TimePoint> begin_{TimePoint::max()};
  std::atomic<bool> recording_{false}, closed_{false};
};

}  // namespace contend
