// Says when the sessions of one thread of a load may send, and knows what they have in flight.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "harness/load/schedule/run_state.hpp"
#include "workloads/admission.hpp"

namespace contend::load {

/// Requests of one thread so far, those of the warm-up included.
struct Flow {
  std::uint64_t sent = 0;       ///< Without those that are held until they are due.
  std::uint64_t in_flight = 0;  ///< Sent, neither answered nor failed.
};

/// One thread drives the sessions; all but `flow` is called from it, or when it has ended. Nothing
/// locks or waits if this is the only thread of the load.
class RunAdmission final : public Admission {
 public:
  /// Admits requests of `clients` clients, numbered from `first_client` on, each with at most
  /// `pipeline` requests in flight.
  RunAdmission(RunState& state, std::uint32_t first_client, std::uint32_t clients,
               std::uint32_t pipeline);

  std::uint32_t clients() const override { return static_cast<std::uint32_t>(in_flight_.size()); }
  bool admit(std::uint32_t client, std::uint64_t in_flight) override;
  TimePoint take(std::uint32_t client, TimePoint now) override;
  std::uint64_t take_more(std::uint32_t client, std::uint64_t in_flight, std::uint64_t max,
                          TimePoint now) override;
  void give_back(std::uint32_t client) override;

  /// The client's `count` oldest requests have ended.
  void end(std::uint32_t client, std::uint64_t count);
  /// When a request was to be sent, and whether it queued: no connection was free at that time.
  struct Intended {
    TimePoint at{};
    bool queued = false;
  };
  /// Takes the intended time of the client's oldest request. Only of an open loop, once for each
  /// request that ends.
  Intended take_intended(std::uint32_t client);

  const RunState& state() const { return state_; }
  std::uint32_t first_client() const { return first_client_; }
  /// May be called from any thread. While the sessions go on, the figures may be off by what
  /// happens meanwhile.
  Flow flow(TimePoint now) const;
  /// When the last of the clients had its first connection; null: one has had none.
  std::optional<TimePoint> all_connected() const {
    return unconnected_ == 0 ? std::optional(last_connected_) : std::nullopt;
  }
  /// Returns since when each request that is in flight at `end` has waited: since its intended send
  /// time in an open loop, since its actual one in a closed loop. Not ordered.
  std::vector<TimePoint> waiting_since(TimePoint end) const;

 private:
  /// A client's requests in flight: answers come in the order of requests.
  struct InFlight {
    std::uint32_t first = 0, count = 0;  ///< Where its intended times are.
    TimePoint taken{};                   ///< When the newest was taken.
    bool has_connected = false;
  };

  void note_intended(std::uint32_t own, TimePoint due, TimePoint now);
  /// There is one writer, so no locked instruction is needed.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  RunState& state_;
  std::uint32_t first_client_, pipeline_;
  std::vector<InFlight> in_flight_;
  std::vector<Intended> intended_;                  // `pipeline_` places for each client
  std::vector<std::atomic<TimePoint>> held_until_;  // by client, of an open loop
  bool has_reserved_ = false;
  std::optional<TimePoint> admitted_due_;  // of the schedule, for the next `take`
  std::uint32_t unconnected_;
  TimePoint last_connected_{};
  std::atomic<std::uint64_t> taken_{0}, ended_{0};
};

}  // namespace contend::load
