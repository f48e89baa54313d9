// Is this server ready?
#include "harness/bench/probe.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "engines/engine.hpp"
#include "harness/process/child.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

/// Wants one good reply, and ends with the first that is bad.
class OneReply final : public Admission, public Recorder {
 public:
  void replied(const Exchange&) override { good_ = true; }
  void failed(const Exchange&, ReplyError error) override { error_ = error; }
  bool admit(std::uint32_t, std::uint64_t) override { return !good_ && !error_; }

  bool good() const { return good_; }
  std::optional<ReplyError> error() const { return error_; }

 private:
  bool good_ = false;
  std::optional<ReplyError> error_;
};

}  // namespace

void probe(const Endpoint& server, const Cell& cell, Duration patience, const StopToken& stop) {
  const Workload& workload = find_workload(cell.workload);
  if (workload.client == nullptr)
    throw ChildFailure(fmt::format("workload {} has no clients to ask it", workload.name));
  // One message, as small as the cell's; idle connections and churn are for the load.
  OneReply reply;
  const auto client =
      workload.client({workload.parameters, cell.options.parameters}, 0, reply, reply);
  const std::array<Session*, 1> sessions{client.get()};
  load_engine().drive(server, sessions, {.until = Clock::now() + patience, .stop = stop});
  if (stop.requested()) throw Interrupted();
  if (reply.error())
    throw ChildFailure(fmt::format("the first answer was wrong: {}", to_string(*reply.error())));
  if (!reply.good()) throw ChildFailure("hung: did not answer the first request in time");
}

}  // namespace contend
