// The rules of the judgement, in the order in which they count.
#include "harness/load/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/table.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// Below this the readings are too coarse: steal comes in ticks of 10 ms.
constexpr auto min_duration = 200ms;
/// A thread that is so busy has no time left for more.
constexpr double busy = 0.9;
/// Others have so much of the load's time that its figures are theirs.
constexpr double disturbed = 0.1;
/// Steal is of all CPUs, and whoever needs two of them notices a smaller share.
constexpr double much_steal = 0.05;
/// Timers are late now and then on any machine; of a process that is stopped they are all the time.
constexpr double held_up = 0.2;
/// An open loop has kept its schedule where so few queued, and 99 of 100 went out so exactly.
constexpr double few_queued = 0.01;
constexpr auto exact_enough = 1ms;

std::string percent(double share) {
  return fmt::format("{:.0f} %", 100 * share);
}
std::string time(Histogram::Duration time) {
  return duration_text(static_cast<double>(time.count()));
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool is_exact(const Signals& s) {
  return s.lag_p99 <= exact_enough;
}

bool kept_schedule(const Signals& s) {
  return s.open_loop && is_exact(s) && s.dropped == 0 &&
         share_of(s.queued + s.unsent, s.offered) <= few_queued;
}

bool is_busy(std::optional<double> cpu_share) {
  return cpu_share.value_or(0) >= busy;
}

/// Why the load could not have done more, or nothing.
std::optional<std::string> client_limit(const Signals& s) {
  if (s.ports_ran_out)
    return "the ephemeral ports ran out; allow more of them with sysctl -w "
           "net.ipv4.ip_local_port_range='1024 65535', or more requests a connection";
  if (s.throttled_share >= disturbed)
    return fmt::format("a CPU quota kept the load from running for {} of the time",
                       percent(s.throttled_share));
  if (s.waited_share < disturbed && s.steal_share.value_or(0) < much_steal &&
      s.held_up_share >= held_up)
    return fmt::format(
        "the load was kept from running for {} of the time, by no other process: stopped, or "
        "limited to a part of a CPU",
        percent(s.held_up_share));
  if (!s.spins && is_client_limited(s.cpu_share, s.server_cpu_share))
    return fmt::format("the load used {} of a core; give it more --threads", percent(s.cpu_share));
  return std::nullopt;
}

std::optional<std::string> host_limit(const Signals& s) {
  if (s.waited_share >= disturbed)
    return fmt::format(
        "the load waited for {} of the time for a CPU that others used; pin both apart from them",
        percent(s.waited_share));
  // The threads of a server that has all its CPUs wait for each other.
  if (s.server_waited_share.value_or(0) >= disturbed && !is_busy(s.server_cpu_share))
    return fmt::format("the server waited for {} of the time for a CPU that others used",
                       percent(*s.server_waited_share));
  if (s.steal_share.value_or(0) >= much_steal)
    return fmt::format("the hypervisor gave {} of the CPU time to others", percent(*s.steal_share));
  if (s.open_loop && !is_exact(s))
    return fmt::format(
        "the schedule was missed: one of 100 requests went out {} late or more, though a "
        "connection was free",
        time(s.lag_p99));
  return std::nullopt;
}

std::string server_limit(const Signals& s) {
  if (is_busy(s.server_cpu_share))
    return fmt::format("the server used {} of the CPU that it can use",
                       percent(*s.server_cpu_share));
  if (s.open_loop)
    return fmt::format("no connection was free for {} of the requests when they were due",
                       percent(share_of(s.queued + s.unsent + s.dropped, s.offered)));
  return fmt::format("the load had time for more: it used {} of a core", percent(s.cpu_share));
}

/// What has to be known beside it, and whether it spoils the figures.
bool add_remarks(const Signals& s, std::vector<std::string>& reasons) {
  if (s.accept_overflows.value_or(0) > 0)
    reasons.push_back(fmt::format(
        "the queue of the server's listener overflowed {} times, and a client that is turned away "
        "tries again after a second: raise the server's backlog and net.core.somaxconn",
        count_text(*s.accept_overflows)));
  if (s.dropped > 0)
    reasons.push_back(
        fmt::format("{} requests were dropped, since the queue was full: their "
                    "waiting is in no figure",
                    count_text(s.dropped)));
  const bool is_silent = s.silent_for > Histogram::Duration{};
  if (is_silent)
    reasons.push_back(
        fmt::format("no request was answered in the last {}: the server has stopped answering",
                    time(s.silent_for)));
  return s.dropped > 0 || is_silent;
}

Verdict found(Limit limit, std::optional<bool> trusted, std::string reason) {
  return {.limit = limit, .trusted = trusted, .reasons = {std::move(reason)}};
}

Verdict limit_of(const Signals& s) {
  if (s.duration < min_duration)
    return found(Limit::unknown, std::nullopt, "the run was too short to tell");
  if (s.answered == 0 && !s.ports_ran_out)
    return found(Limit::unknown, std::nullopt, "nothing was answered");
  if (kept_schedule(s))
    return found(Limit::none, true,
                 fmt::format("the schedule was kept: 99 of 100 requests went out within {}",
                             time(s.lag_p99)));
  if (auto reason = client_limit(s)) return found(Limit::client, false, std::move(*reason));
  if (auto reason = host_limit(s)) return found(Limit::host, false, std::move(*reason));
  if (s.spins && !s.open_loop)
    return found(Limit::unknown, std::nullopt,
                 "whoever spins looks busy: whether the load was the limit can't be told");
  return found(Limit::server, true, server_limit(s));
}

}  // namespace

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::none: return "none";
    case Limit::client: return "client";
    case Limit::server: return "server";
    case Limit::host: return "host";
    case Limit::unknown: return "unknown";
  }
  return {};
}

bool is_client_limited(double client_cpu_share, std::optional<double> server_cpu_share) {
  return is_busy(client_cpu_share) && !is_busy(server_cpu_share);
}

Verdict judge(const Signals& signals) {
  Verdict verdict = limit_of(signals);
  if (add_remarks(signals, verdict.reasons)) verdict.trusted = false;
  return verdict;
}

nlohmann::json to_json(const Verdict& verdict) {
  return {{"limit", to_string(verdict.limit)},
          {"trusted", verdict.trusted ? nlohmann::json(*verdict.trusted) : nlohmann::json()},
          {"reasons", verdict.reasons}};
}

}  // namespace contend::load
