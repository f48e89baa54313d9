// One window: this thread keeps the time and writes the events, a shard drives the sessions.
#include "harness/load/window.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/net.hpp"
#include "harness/load/held_session.hpp"
#include "harness/load/schedule/timekeeper.hpp"
#include "harness/load/shards.hpp"
#include "harness/machine/limits.hpp"
#include "harness/machine/placement.hpp"
#include "harness/stats/fairness.hpp"
#include "workloads/json_text.hpp"

namespace contend::load {
namespace {

using nlohmann::json;
using Woken = Timekeeper::Woken;

/// The window begins this long after it is announced, so that the announcement is not in it.
constexpr Duration announced_before = std::chrono::microseconds(200);
constexpr std::uint64_t other_descriptors = 64;  // those that are no connection

std::int64_t nanoseconds(TimePoint time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

void write_event(int output, const json& event) {
  const std::string line = json_text(event) + '\n';
  for (std::size_t written = 0; written < line.size();) {
    const ssize_t now = write(output, line.data() + written, line.size() - written);
    if (now < 0 && errno != EINTR) throw_errno("writing to standard output");
    if (now > 0) written += static_cast<std::size_t>(now);
  }
}

json counts_json(const KindCounts& counts) {
  json object = json::object();
  for (std::size_t kind = 0; kind < counts.size(); ++kind)
    if (counts[kind] > 0)
      object[std::string(to_string(static_cast<ReplyError>(kind)))] = counts[kind];
  return object;
}

json histograms_json(const RunRecorder& recorder, const Workload& workload) {
  json object{{"all", recorder.service_time().to_json()}};
  for (std::size_t kind = 0; kind < workload.kinds.size(); ++kind)
    object[std::string(workload.kinds[kind])] = recorder.service_time_of(kind).to_json();
  return object;
}

std::uint32_t idle_connections(const WindowSpec& spec, const Parameters& parameters) {
  if (spec.idle) return *spec.idle;
  if (!parameters.all().contains("idle_connections")) return 0;
  return static_cast<std::uint32_t>(parameters["idle_connections"]);
}

/// The window's parts, set up.
class MeasuredWindow {
 public:
  MeasuredWindow(const WindowSpec& spec, const Workload& workload, const Engine& engine,
                 const Parameters& parameters, std::uint32_t idle, int input)
      : spec_(spec),
        workload_(workload),
        connections_(spec.connections + idle),
        timekeeper_(input),
        shards_({.engine = engine,
                 .clients = spec.connections + idle,
                 .kinds = std::max<std::size_t>(workload.kinds.size(), 1),
                 .make = [&]() -> MakeSession {
                   return
                       [&, idle](std::uint32_t client, Admission& admission, Recorder& recorder) {
                         return held(client, idle, parameters, admission, recorder);
                       };
                 }},
                state_) {}

  void measure(const Endpoint& endpoint, int output) {
    shards_.start(endpoint, TimePoint::max(), timekeeper_);
    go_on_after(
        timekeeper_.wait_until(Clock::now() + connect_limit, connections_.all_connected().fd()));
    write_event(output,
                {{"event", "connected"}, {"connections", connections_.sessions_connected()}});
    go_on_after(timekeeper_.wait_until(Clock::now() + spec_.warmup));

    const CpuEdge first = CpuEdge::now();
    const TimePoint begin = first.at + announced_before;
    state_.measure_from(begin);
    write_event(output, {{"event", "window_begins"}, {"at_ns", nanoseconds(begin)}});
    go_on_after(timekeeper_.wait_until(begin + spec_.window));
    const CpuEdge last = CpuEdge::now();
    state_.end(last.at);
    write_event(output, {{"event", "window_ends"}, {"at_ns", nanoseconds(last.at)}});

    timekeeper_.wait_until(last.at + hold_limit);
    const std::uint32_t open = connections_.open();
    shards_.stop();
    shards_.join();
    json sample = recorded();
    sample.update({{"event", "sample"},
                   {"window_ns", (last.at - begin).count()},
                   {"load_cpu_ns", (last.cpu - first.cpu).count()},
                   {"load_wall_ns", (last.at - first.at).count()},
                   {"connections_open", open}});
    write_event(output, sample);
  }

 private:
  /// The clients of the workload come first, then the idle ones.
  std::unique_ptr<Session> held(std::uint32_t client, std::uint32_t idle,
                                const Parameters& parameters, Admission& admission,
                                Recorder& recorder) {
    std::unique_ptr<Session> inner;
    if (client < spec_.connections)
      inner = workload_.client(parameters, client, admission, recorder);
    else
      inner = std::make_unique<IdleSession>(client - spec_.connections, idle);
    return std::make_unique<HeldSession>(std::move(inner), state_, connections_);
  }

  void go_on_after(Woken woken) {
    if (woken == Woken::by_interruption)
      throw std::runtime_error("standard input ended before the window did");
    if (woken != Woken::by_end_of_sessions) return;
    shards_.join();  // which tells of a failure of the engine
    throw std::runtime_error("all client sessions ended before the window did");
  }

  json recorded() const {
    const RunRecorder& recorder = *shards_.recorders().front();
    const Counts counts = recorder.counts(TimePoint::max());
    std::vector<std::uint64_t> answered = recorder.answered_by_client();
    answered.resize(spec_.connections);
    const auto fairness = jain_index(answered);
    return {{"operations", counts.answered},
            {"errors", counts_json(counts.errors)},
            {"warm_up_errors", counts_json(recorder.warm_up_errors())},
            {"histograms", histograms_json(recorder, workload_)},
            {"fairness_jain", fairness ? json(*fairness) : json()},
            {"starved_connections", std::ranges::count(answered, std::uint64_t{0})}};
  }

  const WindowSpec& spec_;
  const Workload& workload_;
  RunState state_{std::nullopt, Clock::now(), 0, false, TimePoint::max()};
  Connections connections_;
  Timekeeper timekeeper_;
  Shards shards_;
};

}  // namespace

void measure_window(const WindowSpec& spec, int input, int output) {
  const Workload& workload = find_workload(spec.workload);
  if (workload.client == nullptr)
    throw std::invalid_argument("workload " + spec.workload + " has no clients");
  if (spec.connections == 0) throw std::invalid_argument("--connections must be at least 1");
  if (spec.window <= Duration(0)) throw std::invalid_argument("--window-ms must be at least 1");
  const Endpoint endpoint = Endpoint::parse(spec.address);
  require_loopback(endpoint, spec.address, "load goes to loopback addresses only");
  const Engine& engine = spec.engine.empty() ? load_engine() : find_engine(spec.engine);
  if (engine.drive == nullptr)
    throw std::invalid_argument("engine " + spec.engine + " can't drive");
  const Parameters parameters(workload.parameters, Parameters::parse(spec.settings));
  const std::uint32_t idle = idle_connections(spec, parameters);
  raise_descriptor_limit(spec.connections + idle + other_descriptors);
  if (!spec.cpus.empty()) pin_this_thread(spec.cpus);
  prctl(PR_SET_TIMERSLACK, 1UL);  // by default a thread wakes up to 50 us late
  MeasuredWindow(spec, workload, engine, parameters, idle, input).measure(endpoint, output);
}

}  // namespace contend::load
