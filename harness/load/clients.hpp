// The client sessions that a run of load drives, of what its command line asks for.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "harness/load/run_spec.hpp"
#include "workloads/http/plan.hpp"

namespace contend::load {

/// Makes those that play on one thread, which share what they ask; it must outlive them.
class Clients {
 public:
  /// `sequence` numbers the requests that have a number, of all threads; it and `spec` must outlive
  /// this. Throws std::invalid_argument where the parameters don't fit together.
  Clients(const RunSpec& spec, std::atomic<std::uint64_t>& sequence);

  /// Makes the session of the spec's `client`-th connection; `admission` and `recorder` must
  /// outlive it. Throws likewise.
  std::unique_ptr<Session> make(std::uint32_t client, Admission& admission, Recorder& recorder);

 private:
  const RunSpec& spec_;
  std::optional<HttpPlan> plan_;  // of http
};

}  // namespace contend::load
