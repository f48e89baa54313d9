// A run of load: shards drive the sessions, this thread keeps the time and reads what they record.
#include "harness/load/run.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "harness/load/clients.hpp"
#include "harness/load/schedule/timekeeper.hpp"
#include "harness/load/shards.hpp"
#include "harness/machine/limits.hpp"
#include "harness/machine/self_check.hpp"

namespace contend::load {
namespace {

constexpr std::uint64_t spare_descriptors = 64;
/// A request that is due for less than this at the end has come too late in the run to be missed.
constexpr Duration overdue_after = std::chrono::milliseconds(50);
/// In a closed loop the kernel may hold an answer back for this share of the mean latency, to let
/// others come with it. What that does to the figures is in docs/load.md.
constexpr double gather_share = 0.03;

/// Those that this process may run on.
double own_cpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? std::max(CPU_COUNT(&cpus), 1) : 1;
}

void check_limits(const RunSpec& spec) {
  if (spec.connections == 0 || spec.threads == 0 || spec.threads > spec.connections)
    throw std::invalid_argument(
        fmt::format("{} threads can't share {} connections; each needs one of its own",
                    spec.threads, spec.connections));
  require_allowed(spec.target.endpoint, spec.target.url, spec.target.name, spec.allowed_remote);
  raise_descriptor_limit(spec.connections + spare_descriptors * spec.threads);
  const auto ports = ephemeral_ports();
  if (spec.target.endpoint.family() != AF_UNIX && ports && spec.connections > *ports)
    throw std::runtime_error(fmt::format(
        "{} connections need as many ports and there are {}; allow more of them with sysctl -w "
        "net.ipv4.ip_local_port_range='1024 65535'",
        spec.connections, *ports));
}

/// What the threads of the run drive. `sequence` numbers the requests that have a number, of all
/// threads; it and `spec` must outlive the sessions.
ShardsSpec shards_spec(const RunSpec& spec, std::atomic<std::uint64_t>& sequence) {
  return {.engine = load_engine(),
          .clients = spec.connections,
          .first_client = spec.first_connection,
          .threads = spec.threads,
          .pipeline = spec.pipeline,
          .drive = {.spin = spec.spins ? spec.warm_up + spec.duration : Duration{},
                    .connect_within = spec.timeout,
                    .gather = spec.schedule ? 0 : gather_share},
          .make = [&spec, &sequence]() -> MakeSession {
            const auto clients = std::make_shared<Clients>(spec, sequence);
            return [clients](std::uint32_t client, Admission& admission, Recorder& recorder) {
              return clients->make(client, admission, recorder);
            };
          }};
}

/// From where on a run is measured.
struct Edge {
  HostReading host;
  CpuEdge cpu = CpuEdge::now();
  std::uint64_t dropped = 0;  ///< Before it.
};

void take_errors(const RunRecorder& recorder, const Counts& counts, RunReport& report) {
  for (std::size_t kind = 0; kind < reply_error_count; ++kind) {
    const auto error = static_cast<ReplyError>(kind);
    if (counts.errors[kind] == 0) continue;
    const std::string name(to_string(error));
    report.errors[name] += counts.errors[kind];
    if (!recorder.example(error).empty()) report.examples.emplace(name, recorder.example(error));
  }
}

void take_gaps(const Shards& shards, TimePoint begin, TimePoint end, TimePoint oldest_waiting,
               RunReport& report) {
  std::optional<std::vector<Gap>> gaps;
  for (const auto& recorder : shards.recorders()) {
    const std::vector<Gap> own = recorder->gaps(begin, end, oldest_waiting);
    gaps = gaps ? common(*gaps, own) : own;
  }
  for (const Gap& gap : *gaps)
    report.gaps.push_back({.from = gap.from - begin, .length = gap.to - gap.from});
  if (!gaps->empty() && gaps->back().to == end) report.silent_for = report.gaps.back().length;
}

void take_recorded(const Shards& shards, TimePoint end, RunReport& report) {
  for (const auto& recorder : shards.recorders()) {
    const Counts counts = recorder->counts(end);
    report.answered += counts.answered;
    report.unanswered += counts.in_flight;
    report.failed_requests += counts.failed_requests;
    report.queued += recorder->queued();
    take_errors(*recorder, counts, report);
    report.response_time.merge(recorder->response_time());
    report.service_time.merge(recorder->service_time());
    report.send_lag.merge(recorder->send_lag());
  }
}

void take_connected(const Shards& shards, TimePoint begin, RunReport& report) {
  std::optional<TimePoint> connected = begin;
  for (const auto& admission : shards.admissions()) {
    const auto all = admission->all_connected();
    connected = connected && all ? std::optional(std::max(*connected, *all)) : std::nullopt;
  }
  if (connected) report.all_connected = *connected - begin;
}

/// Returns when the requests were due that were never sent.
std::vector<TimePoint> take_unsent(RunState& state, TimePoint end, std::uint64_t dropped_before,
                                   RunReport& report) {
  if (!state.is_open_loop()) return {};
  Arrivals& arrivals = state.arrivals();
  std::vector<TimePoint> unsent = arrivals.waiting(end);
  if (state.is_limited() && unsent.size() > state.left()) unsent.resize(state.left());
  report.unsent = unsent.size();
  report.overdue = static_cast<std::uint64_t>(
      std::ranges::upper_bound(unsent, end - overdue_after) - unsent.begin());
  report.dropped = arrivals.dropped() - dropped_before;
  report.max_waiting = arrivals.max_waiting();
  return unsent;
}

/// What is unanswered at the end has waited at least until then. A wait that is shorter than that
/// of most answers says nothing about how long the whole one would be, and is left out.
void take_waiting(const Shards& shards, std::vector<TimePoint> waiting, bool is_open_loop,
                  TimePoint begin, TimePoint end, RunReport& report) {
  for (const auto& admission : shards.admissions())
    std::ranges::copy(admission->waiting_since(end), std::back_inserter(waiting));
  Histogram& times = is_open_loop ? report.response_time : report.service_time;
  const Duration typical = times.value_at(50);
  for (const TimePoint since : waiting)
    if (end - since > typical) times.record(end - since);
  take_gaps(shards, begin, end,
            waiting.empty() ? TimePoint::max() : *std::ranges::min_element(waiting), report);
}

/// Of a server that has ended, the rows after its last reading are without its CPU time.
void take_server(ServerWatch& server, RunReport& report) {
  report.server = server.use();
  for (const Row& row : report.seconds)
    if (row.server_cpu) report.server->answered += row.counts.answered;
}

Signals signals_of(const RunSpec& spec, const RunReport& report, const ThreadReading& most,
                   Duration late, const HostReading& before, const HostReading& after) {
  Signals signals{.duration = report.duration,
                  .open_loop = spec.schedule.has_value(),
                  .spins = spec.spins,
                  .cpu_share = std::max(share(most.ran, report.duration),
                                        report.client_cpu_share() / own_cpus()),
                  .waited_share = share(most.waited, report.duration),
                  .held_up_share = share(late, report.duration),
                  .steal_share = noise_between(before.cpu, after.cpu).steal_share,
                  .answered = report.answered,
                  .queued = report.queued,
                  .unsent = report.unsent,
                  .dropped = report.dropped,
                  .silent_for = report.silent_for,
                  .lag_p99 = report.send_lag.value_at(99),
                  .lag_max = report.send_lag.max()};
  if (report.server) {
    signals.server_cpu_share = report.server->cpu_share;
    signals.server_waited_share = report.server->waited_share;
  }
  for (const Row& row : report.seconds) signals.offered += row.offered;
  if (before.throttled && after.throttled)
    signals.throttled_share = share(*after.throttled - *before.throttled, report.duration);
  signals.accept_overflows = overflows_between(before, after);
  const auto refused = report.examples.find(std::string(to_string(ReplyError::refused)));
  signals.ports_ran_out = refused != report.examples.end() &&
                          refused->second == std::generic_category().message(EADDRNOTAVAIL);
  return signals;
}

}  // namespace

double RunReport::client_cpu_share() const {
  return share(client_cpu, duration);
}

RunReport run(const RunSpec& spec, StopToken interrupted,
              const std::function<void(const Progress&)>& each_second) {
  check_limits(spec);
  std::optional<ServerWatch> server;
  if (spec.server && spec.warm_up == Duration{}) server.emplace(*spec.server);
  Edge first{.host = HostReading::now(spec.target.endpoint)};
  const TimePoint begin = spec.shared_begin.value_or(first.cpu.at),
                  end = begin + spec.warm_up + spec.duration;
  const TimePoint measured_from = begin + spec.warm_up;
  RunState state(spec.schedule, begin, spec.requests, spec.threads > 1,
                 spec.warm_up > Duration{} ? measured_from : TimePoint::min());
  std::atomic<std::uint64_t> sequence(spec.part);
  Shards shards(shards_spec(spec, sequence), state);
  Rows rows(begin, shards.recorders(), spec.schedule, spec.shared_begin.has_value());
  Timekeeper timekeeper(interrupted.fd());
  // A server's threads may go with their connections, and are read before: then the sessions end
  // when they are told to.
  shards.start(spec.target.endpoint, spec.server ? TimePoint::max() : end, timekeeper);
  if (spec.warm_up > Duration{}) {
    timekeeper.wait_until(measured_from);
    if (spec.server) server.emplace(*spec.server);
    first = {.host = HostReading::now(spec.target.endpoint),
             .dropped = state.is_open_loop() ? state.arrivals().dropped() : 0};
    shards.discard();
  }
  // It was woken a bit later than that, or before it by an interruption.
  const TimePoint from = std::min(first.cpu.at, measured_from);
  if (from != begin) rows.begin_at(from);
  const auto server_cpu = [&] { return server ? server->read() : std::nullopt; };
  timekeeper.wait(measured_from, end, [&](TimePoint now) {
    const Row& row = rows.add(now, server_cpu());
    each_second({.row = row, .total = rows.total()});
  });
  const auto last_server_cpu = server_cpu();
  state.end();
  shards.stop();
  shards.join();
  const CpuEdge last = CpuEdge::now();
  rows.add(last.at, last_server_cpu);

  RunReport report{.duration = last.at - from, .client_cpu = last.cpu - first.cpu.cpu};
  take_recorded(shards, last.at, report);
  take_connected(shards, begin, report);
  // A run that ends late makes nothing overdue.
  const TimePoint over = std::min(last.at, end);
  take_waiting(shards, take_unsent(state, over, first.dropped, report), state.is_open_loop(), from,
               over, report);
  report.seconds = rows.all();
  if (server) take_server(*server, report);
  // A rate is over the whole schedule, though its last answer comes before the end of it, and who
  // notices that end does so later.
  if (spec.schedule && spec.requests == 0 && !interrupted.requested())
    report.duration = spec.duration;
  const HostReading after = HostReading::now(spec.target.endpoint);
  report.ports_left = ephemeral_ports().value_or(0) -
                      std::min(ephemeral_ports().value_or(0), after.time_wait_sockets.value_or(0));
  report.signals = signals_of(spec, report, shards.most(), timekeeper.late(), first.host, after);
  report.verdict = judge(report.signals);
  return report;
}

}  // namespace contend::load
