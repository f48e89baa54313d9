// What the sessions of a load report: counts and histograms in fixed memory, of each thread that
// drives some of them (a shard). It neither drives them nor decides when the run ends, but for the
// number of requests.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/load/recording/gaps.hpp"
#include "harness/load/schedule/arrivals.hpp"
#include "harness/stats/histogram.hpp"
#include "workloads/workload.hpp"

namespace contend::load {

/// What the shards of a run have in common: what is still to be sent, and whether it is over. From
/// any thread.
class Agenda {
 public:
  /// `schedule` is the open loop's, from `begin` on; without it, each answer is followed by the
  /// next request. `requests`: how many may be sent in all; 0: as many as there is time for.
  /// `shared`: by several shards. What ends during the `warm_up` is recorded nowhere.
  Agenda(const std::optional<Schedule>& schedule, TimePoint begin, std::uint64_t requests,
         bool shared, Duration warm_up = {})
      : arrivals_(schedule ? std::optional<Arrivals>(std::in_place, *schedule, begin, shared)
                           : std::optional<Arrivals>()),
        limited_(requests > 0),
        left_(requests),
        measured_from_(warm_up > Duration{} ? begin + warm_up : TimePoint::min()) {}

  /// TimePoint::min() where there is no warm-up.
  TimePoint measured_from() const { return measured_from_; }

  /// Nobody sends anything after this.
  void end() noexcept { ended_.store(true, std::memory_order_relaxed); }
  bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }

  /// Whether there is a limit, and so a request needs to be reserved.
  bool is_limited() const noexcept { return limited_; }
  /// One of the requests that may still be sent; false where none is left.
  bool reserve() noexcept;
  /// Gives back what `reserve` took.
  void release() noexcept { left_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t left() const noexcept { return left_.load(std::memory_order_relaxed); }

  bool is_open_loop() const noexcept { return arrivals_.has_value(); }
  /// Only of an open loop.
  Arrivals& arrivals() { return *arrivals_; }

 private:
  std::optional<Arrivals> arrivals_;
  bool limited_;
  std::atomic<std::uint64_t> left_;
  TimePoint measured_from_;
  std::atomic<bool> ended_{false};
};

/// Errors by ReplyError.
using KindCounts = std::array<std::uint64_t, reply_error_count>;

/// So far.
struct Counts {
  /// Requests, those of the warm-up too; what is held until it is due is not among them.
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;         ///< Rightly.
  std::uint64_t in_flight = 0;        ///< Sent, neither answered nor failed.
  KindCounts errors{};                ///< Requests, and attempts to connect.
  std::uint64_t failed_requests = 0;  ///< Of the errors, without attempts to connect.

  std::uint64_t failed() const;
  Counts& operator+=(const Counts& other);
};

/// One thread drives the sessions and calls the Recorder's functions, none of which locks or waits
/// where there is one shard only. Others may ask for `counts` and `snapshot` at any time, and for
/// the results when that thread has ended.
class RunRecorder final : public Recorder {
 public:
  /// Of the clients from `first_client` on, so many. At most `pipeline` of one are in flight.
  RunRecorder(Agenda& agenda, std::uint32_t first_client, std::uint32_t clients,
              std::uint32_t pipeline);

  void replied(const Exchange& exchange) override { replied_all(exchange, 1); }
  void replied_all(const Exchange& exchange, std::uint64_t count) override;
  void failed(const Exchange& exchange, ReplyError error) override;
  bool wants_example(ReplyError error) override { return example(error).empty(); }
  void show(ReplyError error, std::string line) override;
  bool goes_on(std::uint32_t client, std::uint64_t in_flight) override;
  std::uint32_t clients() const override { return static_cast<std::uint32_t>(in_flight_.size()); }
  TimePoint claim(std::uint32_t client, TimePoint now) override;
  std::uint64_t claim_more(std::uint32_t client, std::uint64_t in_flight, std::uint64_t most,
                           TimePoint now) override;
  void give_back(std::uint32_t client) override;

  Counts counts(TimePoint now) const;
  /// Of the response time in an open loop, of the service time in a closed one.
  Histogram snapshot() const { return judged_times().snapshot(); }

  // Results.

  /// From the intended send time to the last byte of the answer; empty of a closed loop, which has
  /// no such time.
  const Histogram& response_time() const { return response_; }
  /// From the actual send time on.
  const Histogram& service_time() const { return service_; }
  /// From the intended to the actual send time, where a connection was free in time: what the load
  /// itself was late. Where none was, the request has queued.
  const Histogram& send_lag() const { return lag_; }
  /// Requests that queued, since no connection was free when they were due.
  std::uint64_t queued() const { return queued_; }
  /// A line about the first of its kind; empty where nothing was said.
  const std::string& example(ReplyError kind) const {
    return examples_[static_cast<std::size_t>(kind)];
  }
  /// When the last of the clients had its first connection; null where one has had none.
  std::optional<TimePoint> all_connected() const {
    return unconnected_ == 0 ? std::optional(last_connected_) : std::nullopt;
  }
  /// Returns since when each request that is in flight at `end` has waited: since its intended send
  /// time in an open loop, since its actual one in a closed loop. Not ordered.
  std::vector<TimePoint> waiting_since(TimePoint end) const;
  /// Returns the times in which nobody was answered, see Gaps::until.
  std::vector<Gap> gaps(TimePoint begin, TimePoint end, TimePoint oldest_waiting) const;

 private:
  /// A client's requests in flight, oldest first, by when they were to be sent: answers come in
  /// order.
  struct InFlight {
    std::uint32_t first = 0, count = 0;
    TimePoint claimed{};  ///< The last of them.
    bool has_connected = false;
  };
  struct Intended {
    TimePoint at{};
    bool queued = false;
  };

  const Histogram& judged_times() const { return agenda_.is_open_loop() ? response_ : service_; }
  void end(std::uint32_t client, std::uint64_t count);
  Intended take_intended(std::uint32_t client);
  TimePoint note_intended(std::uint32_t client, TimePoint due, TimePoint now);
  /// One writer: no need for a locked instruction.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  Agenda& agenda_;
  std::uint32_t first_client_, pipeline_;
  std::vector<InFlight> in_flight_;
  std::vector<Intended> intended_;
  std::vector<std::atomic<TimePoint>> held_until_;  // by client, of an open loop
  bool has_reserved_ = false;
  std::optional<TimePoint> taken_due_;  // of the schedule, for the next claim
  std::uint32_t unconnected_;
  TimePoint last_connected_{};
  Histogram response_, service_, lag_;
  std::uint64_t queued_ = 0;
  std::array<std::atomic<std::uint64_t>, reply_error_count> errors_{};
  std::array<std::string, reply_error_count> examples_;
  std::atomic<std::uint64_t> claimed_{0}, ended_{0}, answered_{0}, failed_requests_{0};
  Gaps gaps_;
};

}  // namespace contend::load
