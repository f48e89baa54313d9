// A run of load: one thread drives the sessions, another one ends it in time.
#include "harness/load/run.hpp"

#include <poll.h>
#include <sys/prctl.h>

#include <exception>
#include <stdexcept>
#include <thread>

#include "engines/engine.hpp"
#include "harness/load_limits.hpp"

namespace contend::load {
namespace {

constexpr std::uint64_t spare_descriptors = 64;
constexpr Duration each_second_period = std::chrono::seconds(1);

using Sessions = std::vector<std::unique_ptr<Session>>;

std::unique_ptr<Session> http_session(const RunSpec& spec, std::uint32_t number,
                                      Recorder& recorder) {
  return make_http_client({.calls = {http_call(spec.target, spec.request)},
                           .pipeline = spec.pipeline,
                           .requests_per_connection = spec.requests_per_connection,
                           .reply_within = spec.timeout},
                          number, recorder);
}

std::unique_ptr<Session> echo_session(const RunSpec& spec, std::uint32_t number,
                                      Recorder& recorder) {
  const Workload& echo = find_workload("echo");
  const Parameters parameters(
      echo.parameters,
      {{"size_bytes", spec.size_bytes},
       {"pipeline", spec.pipeline},
       {"requests_per_connection", static_cast<std::int64_t>(spec.requests_per_connection)},
       {"timeout_ms", std::chrono::ceil<std::chrono::milliseconds>(spec.timeout).count()}});
  return echo.client(parameters, number, recorder);
}

/// Ends the run: when its time is over, when it was interrupted, or when the sessions have ended.
/// Says meanwhile, in a thread of its own, what there is so far.
class Ending {
 public:
  Ending(TimePoint begin, TimePoint end, StopToken interrupted)
      : begin_(begin), end_(end), interrupted_(interrupted) {}

  void wait(const std::function<void(Duration)>& each_second) const {
    pollfd watched[]{{.fd = interrupted_.fd(), .events = POLLIN, .revents = 0},
                     {.fd = sessions_ended_.token().fd(), .events = POLLIN, .revents = 0}};
    for (TimePoint next = begin_ + each_second_period;; next += each_second_period) {
      const TimePoint until = std::min(next, end_);
      int ready = 0;
      for (TimePoint now = Clock::now(); now < until && ready <= 0; now = Clock::now()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
        ready = poll(watched, std::size(watched), static_cast<int>(left.count()));
      }
      if (ready > 0 || until == end_) return;
      each_second(until - begin_);
    }
  }
  void sessions_ended() { sessions_ended_.request(); }

 private:
  TimePoint begin_, end_;
  StopToken interrupted_;
  StopSource sessions_ended_;
};

void take_errors(const RunRecorder& recorder, RunReport& report) {
  for (std::size_t kind = 0; kind < reply_error_count; ++kind) {
    const auto error = static_cast<ReplyError>(kind);
    if (recorder.errors(error) == 0) continue;
    const std::string name(to_string(error));
    report.errors.emplace(name, recorder.errors(error));
    if (!recorder.example(error).empty()) report.examples.emplace(name, recorder.example(error));
  }
}

}  // namespace

double RunReport::answered_per_s() const {
  return static_cast<double>(answered) / std::chrono::duration<double>(duration).count();
}

double RunReport::client_cpu_share() const {
  return static_cast<double>(client_cpu.count()) / static_cast<double>(duration.count());
}

RunReport run(const RunSpec& spec, StopToken interrupted,
              const std::function<void(const RunRecorder::Counts&, Duration)>& each_second) {
  require_loopback(spec.target.endpoint, spec.target.url);
  raise_descriptor_limit(spec.connections + spare_descriptors);

  const CpuEdge first = CpuEdge::now();
  const TimePoint begin = first.at, end = begin + spec.duration;
  std::optional<Arrivals> arrivals;
  if (spec.schedule) arrivals.emplace(*spec.schedule, begin, end);
  RunRecorder recorder(spec.connections, spec.pipeline, std::move(arrivals), spec.requests);
  Sessions sessions;
  std::vector<Session*> borrowed;
  const bool is_http = spec.target.protocol == Target::Protocol::http;
  for (std::uint32_t client = 0; client < spec.connections; ++client) {
    sessions.push_back(is_http ? http_session(spec, client, recorder)
                               : echo_session(spec, client, recorder));
    borrowed.push_back(sessions.back().get());
  }

  prctl(PR_SET_TIMERSLACK, 1UL);  // of this thread; by default it wakes up to 50 us late
  StopSource stop_driving;
  Ending ending(begin, end, interrupted);
  std::thread timekeeper([&] {
    ending.wait([&](Duration elapsed) { each_second(recorder.progress(), elapsed); });
    recorder.end();
    stop_driving.request();
  });
  std::exception_ptr failure;
  try {
    load_engine().drive(spec.target.endpoint, borrowed,
                        {.spin = spec.spins ? spec.duration : Duration{},
                         .until = end,
                         .stop = stop_driving.token(),
                         .max_parallel = spec.connections});
  } catch (...) {
    failure = std::current_exception();
  }
  const CpuEdge last = CpuEdge::now();
  ending.sessions_ended();
  timekeeper.join();
  if (failure) std::rethrow_exception(failure);

  RunReport report{.duration = last.at - begin,
                   .answered = recorder.progress().answered,
                   .unanswered = recorder.unanswered(last.at),
                   .unsent = recorder.unsent(last.at),
                   .response_time = recorder.response_time(),
                   .service_time = recorder.service_time(),
                   .send_lag = recorder.send_lag(),
                   .client_cpu = last.cpu - first.cpu};
  take_errors(recorder, report);
  // A rate is over the whole schedule, though its last answer comes before the end of it, and who
  // notices that end does so later.
  if (spec.schedule && spec.requests == 0 && !interrupted.requested())
    report.duration = spec.duration;
  if (recorder.arrivals()) {
    report.dropped = recorder.arrivals()->dropped();
    report.most_waiting = recorder.arrivals()->most_waiting();
  }
  return report;
}

}  // namespace contend::load
