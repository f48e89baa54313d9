// What the sessions of one thread of a load report: counts and histograms in fixed memory. When
// they may send, and what is in flight, is RunAdmission's.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/recording/gaps.hpp"
#include "harness/load/schedule/admission.hpp"
#include "harness/stats/histogram.hpp"
#include "workloads/workload.hpp"

namespace contend::load {

/// Errors by ReplyError.
using KindCounts = std::array<std::uint64_t, reply_error_count>;

/// So far.
struct Counts {
  std::uint64_t sent = 0;             ///< See Flow.
  std::uint64_t answered = 0;         ///< Rightly.
  std::uint64_t in_flight = 0;        ///< See Flow.
  KindCounts errors{};                ///< Requests, and attempts to connect.
  std::uint64_t failed_requests = 0;  ///< Errors without attempts to connect.

  std::uint64_t failed() const;
  Counts& operator+=(const Counts& other);
};

/// One thread drives the sessions and calls the Recorder's functions. Others may ask for `counts`
/// and `snapshot` at any time, and for the results when that thread has ended.
class RunRecorder final : public Recorder {
 public:
  /// Records the clients of `admission`, which is borrowed. `kinds`: number of the workload's
  /// classes of request, at least 1.
  explicit RunRecorder(RunAdmission& admission, std::size_t kinds = 1);

  void replied(const Exchange& exchange) override { replied_all(exchange, 1); }
  void replied_all(const Exchange& exchange, std::uint64_t count) override;
  void failed(const Exchange& exchange, ReplyError error) override;
  bool wants_example(ReplyError error) override { return example(error).empty(); }
  void show(ReplyError error, std::string line) override;

  Counts counts(TimePoint now) const;
  /// Response times in an open loop, service times in a closed one.
  Histogram snapshot() const;

  // Results.

  /// From the intended send time to the last byte of the answer; empty of a closed loop, which has
  /// no such time.
  const Histogram& response_time() const { return response_; }
  /// From the actual send time on, of all kinds.
  Histogram service_time() const;
  /// The same for one kind, numbered from 0. Throws std::out_of_range.
  const Histogram& service_time_of(std::size_t kind) const { return service_.at(kind); }
  /// From the intended to the actual send time, if a connection was free in time: what the load
  /// itself was late. If none was, the request has queued.
  const Histogram& send_lag() const { return lag_; }
  /// Requests that queued, since no connection was free when they were due.
  std::uint64_t queued() const { return queued_; }
  /// Right answers of each client, by its number less that of the first client.
  const std::vector<std::uint64_t>& answered_by_client() const { return answered_by_client_; }
  /// Errors before the time that is measured.
  const KindCounts& warm_up_errors() const { return warm_up_errors_; }
  /// A line about the first error of that kind; empty if nothing was said.
  const std::string& example(ReplyError kind) const {
    return examples_[static_cast<std::size_t>(kind)];
  }
  /// Returns the times in which nobody was answered, see Gaps::until.
  std::vector<Gap> gaps(TimePoint begin, TimePoint end, TimePoint oldest_waiting) const;

 private:
  /// There is one writer, so no locked instruction is needed.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  RunAdmission& admission_;
  const RunState& state_;
  Histogram response_, lag_;
  std::vector<Histogram> service_;  // by kind
  std::vector<std::uint64_t> answered_by_client_;
  std::uint64_t queued_ = 0;
  std::array<std::atomic<std::uint64_t>, reply_error_count> errors_{};
  KindCounts warm_up_errors_{};
  std::array<std::string, reply_error_count> examples_;
  std::atomic<std::uint64_t> answered_{0}, failed_requests_{0};
  Gaps gaps_;
};

}  // namespace contend::load
