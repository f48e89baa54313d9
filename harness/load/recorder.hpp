// What the sessions of a load report, of a whole run: counts and histograms in fixed memory. It
// neither drives them nor decides when the run ends, but for the number of requests.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/histogram.hpp"
#include "harness/load/arrivals.hpp"
#include "workloads/workload.hpp"

namespace contend::load {

/// One thread drives the sessions and calls the Recorder's functions, none of which locks or waits.
/// Others may read `progress` at any time, and the results when that thread has ended.
class RunRecorder final : public Recorder {
 public:
  struct Counts {
    std::uint64_t answered = 0;  ///< Right answers.
    std::uint64_t failed = 0;    ///< Requests and attempts to connect that failed.
  };

  /// `arrivals` is the open loop's schedule; without it, each answer is followed by the next
  /// request. `requests`: how many may be sent in all; 0: as many as there is time for. At most
  /// `pipeline` of a client are in flight.
  RunRecorder(std::uint32_t clients, std::uint32_t pipeline, std::optional<Arrivals> arrivals,
              std::uint64_t requests);

  void replied(const Exchange& exchange) override;
  void failed(const Exchange& exchange, ReplyError error) override;
  bool wants_example(ReplyError error) override { return example(error).empty(); }
  void show(ReplyError error, std::string line) override;
  bool goes_on(std::uint32_t client, std::uint64_t in_flight) override;
  TimePoint claim(std::uint32_t client) override;

  /// Nobody sends anything after this. From any thread.
  void end() noexcept { ended_.store(true, std::memory_order_relaxed); }
  Counts progress() const noexcept {
    return {answered_.load(std::memory_order_relaxed), failed_.load(std::memory_order_relaxed)};
  }

  // Results.

  /// From the intended send time to the last byte of the answer; empty of a closed loop, which has
  /// no such time.
  const Histogram& response_time() const { return response_; }
  /// From the actual send time on.
  const Histogram& service_time() const { return service_; }
  /// From the intended to the actual send time.
  const Histogram& send_lag() const { return lag_; }
  /// A line about the first of its kind; empty where nothing was said.
  const std::string& example(ReplyError kind) const {
    return examples_[static_cast<std::size_t>(kind)];
  }
  std::uint64_t errors(ReplyError kind) const { return errors_[static_cast<std::size_t>(kind)]; }
  const std::optional<Arrivals>& arrivals() const { return arrivals_; }
  /// Due by `now` and never sent, since no connection was free: still in the queue. Not of use
  /// before the run has ended.
  std::uint64_t unsent(TimePoint now);
  /// Sent and not answered, nor failed.
  std::uint64_t unanswered(TimePoint now) const;

 private:
  /// A client's requests in flight, oldest first, by when they were to be sent: answers come in
  /// order.
  struct InFlight {
    std::uint32_t first = 0, count = 0;
  };

  std::optional<TimePoint> take_intended(std::uint32_t client);
  TimePoint& slot(std::uint32_t client, std::uint32_t index) {
    return intended_[std::size_t{client} * pipeline_ + index % pipeline_];
  }
  /// One writer: no need for a locked instruction.
  static void count(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::uint32_t pipeline_;
  std::optional<Arrivals> arrivals_;
  std::uint64_t requests_, claimed_ = 0;
  std::vector<InFlight> in_flight_;
  std::vector<TimePoint> intended_;
  Histogram response_, service_, lag_;
  std::array<std::uint64_t, reply_error_count> errors_{};
  std::array<std::string, reply_error_count> examples_;
  std::atomic<std::uint64_t> answered_{0}, failed_{0};
  std::atomic<bool> ended_{false};
};

}  // namespace contend::load
