// What is asked of an engine, and how it is listed. A workload never does I/O.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/admission.hpp"
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
  virtual void replied(const Exchange& exchange) = 0;
  /// So many that are equal, since they were sent and answered together.
  virtual void replied_all(const Exchange& exchange, std::uint64_t count) {
    for (; count > 0; --count) replied(exchange);
  }
  virtual void failed(const Exchange& exchange, ReplyError error) = 0;
  /// Whether a line about an error of this kind would be of use: said to `show` before `failed`.
  virtual bool wants_example(ReplyError) { return false; }
  virtual void show(ReplyError, std::string) {}
};

struct Workload {
  std::string_view name, summary;
  Role role = Role::serve;
  std::span<const ParameterSpec> parameters{};
  std::span<const std::string_view> kinds{};  ///< Names of the classes of request; empty: only one.

  /// What the server side says. Null for workloads without a server. Throws std::invalid_argument
  /// where parameters don't fit together.
  std::unique_ptr<Service> (*service)(const Parameters&) = nullptr;
  /// The `client`-th client session; `admission` and `recorder` must outlive it. Null for workloads
  /// without clients.
  std::unique_ptr<Session> (*client)(const Parameters&, std::uint32_t client, Admission& admission,
                                     Recorder& recorder) = nullptr;
  /// The jobs to run. Null for workloads that are no jobs.
  std::vector<Job> (*jobs)(const Parameters&) = nullptr;
};

/// Every workload, in the order in which they are listed.
std::span<const Workload> workloads();
/// Throws std::invalid_argument that names the known ones.
const Workload& find_workload(std::string_view name);

}  // namespace contend
