// What is asked of an engine, and how it is listed. A workload never does I/O.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"
#include "workloads/session.hpp"

namespace contend {

/// The engine role that a workload measures.
enum class Role : std::uint8_t { serve, drive, run, lesson };
std::string_view to_string(Role role);
inline constexpr Role all_roles[] = {Role::serve, Role::drive, Role::run, Role::lesson};
/// Whether there are clients, on one side or the other; jobs and lessons have none.
constexpr bool has_connections(Role role) {
  return role == Role::serve || role == Role::drive;
}

struct ParameterSpec {
  std::string_view name;
  std::int64_t fallback;  ///< The value where none is given.
  std::int64_t minimum, maximum;
  std::string_view meaning;
};

/// A workload's parameters, complete and within their ranges.
class Parameters {
 public:
  /// What is written as NAME=INTEGER, each; the last one of a name counts. Throws
  /// std::invalid_argument for anything else, a number of more than 64 bits included.
  static std::map<std::string, std::int64_t> parse(std::span<const std::string> settings);

  /// Throws std::invalid_argument naming the parameter that is unknown or out of range.
  Parameters(std::span<const ParameterSpec> specs,
             const std::map<std::string, std::int64_t>& given);

  /// Throws std::out_of_range for a name that the workload has not listed.
  std::int64_t operator[](std::string_view name) const;
  const std::map<std::string, std::int64_t, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, std::int64_t, std::less<>> values_;
};

/// What can be wrong with a reply, counted apart and never mixed into the latency of good ones.
enum class ReplyError : std::uint8_t {
  refused,
  reset,
  timed_out,
  closed_early,
  wrong_status,
  wrong_body,
  malformed,
};
inline constexpr std::size_t reply_error_count = 7;
std::string_view to_string(ReplyError error);

/// One request and its reply, as the client saw them.
struct Exchange {
  std::uint32_t client = 0;  ///< Which client session, from 0.
  std::uint32_t kind = 0;    ///< The class of request (`Workload::kinds`), 0 where there is one.
  TimePoint sent{};      ///< When the request was handed to the engine; default-constructed: never.
  TimePoint answered{};  ///< When the reply's last byte came, or when it was given up.
};

/// Where client sessions report. Implementations that engines with threads or child processes are
/// to use keep what they record in a SharedArray, a slot a client.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Number of client sessions that report here.
  virtual std::uint32_t clients() const { return 1; }
  virtual void replied(const Exchange& exchange) = 0;
  /// So many that are equal, since they were sent and answered together.
  virtual void replied_all(const Exchange& exchange, std::uint64_t count) {
    for (; count > 0; --count) replied(exchange);
  }
  virtual void failed(const Exchange& exchange, ReplyError error) = 0;
  /// Whether a line about an error of this kind would be of use: said to `show` before `failed`.
  virtual bool wants_example(ReplyError) { return false; }
  virtual void show(ReplyError, std::string) {}
  /// Whether this client is to send another request beside those that are `in_flight`. Asked before
  /// each, the first included.
  virtual bool goes_on(std::uint32_t client, std::uint64_t in_flight) = 0;
  /// Takes the request that `goes_on` has just allowed, and returns when it is to be sent: at once,
  /// if that time has passed. `now` is the time of the call. Called once for each request, before
  /// it is sent.
  virtual TimePoint claim(std::uint32_t /*client*/, TimePoint /*now*/) { return {}; }
  /// Takes as many as `goes_on` allows, up to `most`, beside those that are `in_flight`, all to be
  /// sent at once; how many.
  virtual std::uint64_t claim_more(std::uint32_t client, std::uint64_t in_flight,
                                   std::uint64_t most, TimePoint now) {
    std::uint64_t claimed = 0;
    for (; claimed < most && goes_on(client, in_flight + claimed); ++claimed) claim(client, now);
    return claimed;
  }
  /// Takes back the newest request that this client has claimed: it has not been sent, since its
  /// connection ended before it was due. Any client may claim it from now on.
  virtual void give_back(std::uint32_t /*client*/) {}
};

struct Workload {
  std::string_view name, summary;
  Role role = Role::serve;
  std::span<const ParameterSpec> parameters{};
  std::span<const std::string_view> kinds{};  ///< Names of the classes of request; empty: only one.

  /// What the server side says. Null for workloads without a server. Throws std::invalid_argument
  /// where parameters don't fit together.
  std::unique_ptr<Service> (*service)(const Parameters&) = nullptr;
  /// The `client`-th client session; `recorder` must outlive it. Null for workloads without
  /// clients.
  std::unique_ptr<Session> (*client)(const Parameters&, std::uint32_t client,
                                     Recorder& recorder) = nullptr;
  /// The jobs to run. Null for workloads that are no jobs.
  std::vector<Job> (*jobs)(const Parameters&) = nullptr;
};

/// Every workload, in the order in which they are listed.
std::span<const Workload> workloads();
/// Throws std::invalid_argument that names the known ones.
const Workload& find_workload(std::string_view name);

}  // namespace contend
