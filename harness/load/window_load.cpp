// The load: one thread drives the sessions, another one keeps the time and speaks.
#include "harness/load/window_load.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "engines/net.hpp"
#include "harness/load/window_recorder.hpp"
#include "harness/load/window_sessions.hpp"
#include "harness/machine/limits.hpp"
#include "harness/machine/placement.hpp"
#include "workloads/json_text.hpp"

namespace contend {
namespace {

using nlohmann::json;

/// The window begins so long after it is announced, so that the writing is not in it.
constexpr Duration announced_before = std::chrono::microseconds(200);

std::int64_t nanoseconds(TimePoint time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

json counts_json(const ErrorCounts& counts) {
  json object = json::object();
  for (std::size_t kind = 0; kind < counts.size(); ++kind)
    if (counts[kind] > 0)
      object[std::string(to_string(static_cast<ReplyError>(kind)))] = counts[kind];
  return object;
}

json histograms_json(const LoadRecorder& recorder, const Workload& workload) {
  json object{{"all", recorder.all_latencies().to_json()}};
  for (std::size_t kind = 0; kind < workload.kinds.size(); ++kind)
    object[std::string(workload.kinds[kind])] = recorder.latencies(kind).to_json();
  return object;
}

/// What the thread that keeps the time and the one that drives have in common.
struct Load {
  Load(const LoadOptions& options, const Workload& workload_, const Engine& engine_,
       std::uint32_t sessions)
      : workload(workload_),
        engine(engine_),
        warmup(options.warmup),
        window(options.window),
        recorder(options.connections, workload_.kinds.size()),
        connections(sessions) {}

  const Workload& workload;
  const Engine& engine;
  Duration warmup, window;
  LoadRecorder recorder;
  Connections connections;
  StopSource stop_driving, driving_ended;
};

/// Waits for the edges of the window and says what happened. Runs in a thread of its own, so that
/// an edge is met also when the driving thread has nothing to do, or too much.
class Timekeeper {
 public:
  Timekeeper(Load& load, int input, int output) : load_(load), input_(input), output_(output) {}

  void run() {
    prctl(PR_SET_TIMERSLACK, 1UL);  // of this thread; by default it wakes up to 50 us late
    const int all_connected = load_.connections.all_connected().fd();
    go_on_after(wait(Clock::now() + connect_limit, all_connected));
    say({{"event", "connected"}, {"connections", load_.connections.sessions_connected()}});
    go_on_after(wait(Clock::now() + load_.warmup));

    const CpuEdge first = CpuEdge::now();
    const TimePoint begin = first.at + announced_before;
    load_.recorder.open_window(begin);
    say({{"event", "window_begins"}, {"at_ns", nanoseconds(begin)}});
    go_on_after(wait(begin + load_.window));
    load_.recorder.close();
    const CpuEdge last = CpuEdge::now();
    say({{"event", "window_ends"},
         {"at_ns", nanoseconds(last.at)},
         {"sample", sample(begin, first, last)}});
    wait(last.at + hold_limit);
  }

 private:
  enum class Woken { by_time, by_event, by_end_of_input, by_end_of_driving };

  Woken wait(TimePoint until, int event = -1) const {
    pollfd watched[]{{.fd = input_, .events = POLLIN, .revents = 0},
                     {.fd = load_.driving_ended.token().fd(), .events = POLLIN, .revents = 0},
                     {.fd = event, .events = POLLIN, .revents = 0}};
    for (;;) {
      const auto left = std::max(Duration(0), until - Clock::now());
      const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
      const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
      const int ready = ppoll(watched, std::size(watched), &timeout, nullptr);
      if (ready < 0 && errno != EINTR) throw_errno("ppoll");
      if (ready == 0) return Woken::by_time;
      if (ready < 0) continue;
      if (watched[1].revents != 0) return Woken::by_end_of_driving;
      if (watched[2].revents != 0) return Woken::by_event;
      char said[64];  // nobody is expected to say anything; only the end counts
      if (watched[0].revents != 0 && read(input_, said, sizeof said) <= 0)
        return Woken::by_end_of_input;
    }
  }

  static void go_on_after(Woken woken) {
    if (woken == Woken::by_end_of_input)
      throw std::runtime_error("standard input ended before the window did");
    if (woken == Woken::by_end_of_driving)
      throw std::runtime_error("all client sessions ended before the window did");
  }

  json sample(TimePoint begin, const CpuEdge& first, const CpuEdge& last) const {
    const LoadRecorder& recorder = load_.recorder;
    const auto fairness = recorder.fairness_jain();
    const auto first_error = recorder.first_error();
    return {{"operations", recorder.operations()},
            {"window_ns", (last.at - begin).count()},
            {"errors", counts_json(recorder.errors())},
            {"warmup_errors", counts_json(recorder.warmup_errors())},
            {"first_error_after_ns", first_error ? json((*first_error - begin).count()) : json()},
            {"histograms", histograms_json(recorder, load_.workload)},
            {"fairness_jain", fairness ? json(*fairness) : json()},
            {"starved_connections", recorder.starved_clients()},
            {"load_cpu_ns", (last.cpu - first.cpu).count()},
            {"load_wall_ns", (last.at - first.at).count()},
            {"connections_made", load_.connections.made()},
            {"connections_open", load_.connections.open()},
            {"engine", load_.engine.name}};
  }

  void say(const json& event) const {
    const std::string line = json_text(event) + '\n';
    for (std::size_t written = 0; written < line.size();) {
      const ssize_t now = write(output_, line.data() + written, line.size() - written);
      if (now < 0 && errno != EINTR) throw_errno("writing to standard output");
      if (now > 0) written += static_cast<std::size_t>(now);
    }
  }

  Load& load_;
  int input_, output_;
};

std::uint32_t idle_of(const LoadOptions& options, const Parameters& parameters) {
  if (options.idle) return *options.idle;
  if (!parameters.all().contains("idle_connections")) return 0;
  return static_cast<std::uint32_t>(parameters["idle_connections"]);
}

}  // namespace

void measure_window(const LoadOptions& options, int input, int output) {
  const Workload& workload = find_workload(options.workload);
  if (workload.client == nullptr)
    throw std::invalid_argument("workload " + options.workload + " has no clients");
  if (options.connections == 0) throw std::invalid_argument("--connections must be at least 1");
  if (options.window <= Duration(0)) throw std::invalid_argument("--window-ms must be at least 1");
  const Endpoint endpoint = Endpoint::parse(options.address);
  require_loopback(endpoint, options.address, "load goes to loopback addresses only");
  const Engine& engine = options.engine.empty() ? load_engine() : find_engine(options.engine);
  if (engine.drive == nullptr)
    throw std::invalid_argument("engine " + options.engine + " can't drive");
  const Parameters parameters(workload.parameters, Parameters::parse(options.settings));
  const std::uint32_t idle = idle_of(options, parameters);
  const std::uint32_t total = options.connections + idle;
  constexpr std::uint64_t spare_descriptors = 64;
  raise_descriptor_limit(total + spare_descriptors);
  if (!options.cpus.empty()) pin_this_thread(options.cpus);

  Load load(options, workload, engine, total);
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<Session*> borrowed;
  const auto add = [&](std::unique_ptr<Session> session) {
    sessions.push_back(
        std::make_unique<HeldSession>(std::move(session), load.recorder, load.connections));
    borrowed.push_back(sessions.back().get());
  };
  for (std::uint32_t client = 0; client < options.connections; ++client)
    add(workload.client(parameters, client, load.recorder));
  for (std::uint32_t i = 0; i < idle; ++i) add(std::make_unique<IdleSession>(i, idle));

  std::exception_ptr failure;
  std::thread timekeeper([&] {
    try {
      Timekeeper(load, input, output).run();
    } catch (...) {
      failure = std::current_exception();
    }
    load.recorder.close();
    load.stop_driving.request();
  });
  std::exception_ptr driving_failure;
  try {
    engine.drive(endpoint, borrowed,
                 {.until = Clock::now() + connect_limit + options.warmup + options.window +
                           announced_before + hold_limit,
                  .stop = load.stop_driving.token(),
                  .max_parallel = total});
  } catch (...) {
    driving_failure = std::current_exception();
  }
  load.driving_ended.request();
  timekeeper.join();
  if (driving_failure) std::rethrow_exception(driving_failure);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace contend
