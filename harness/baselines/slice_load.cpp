// Load in turns on two servers that do the same, for scripts/limit.py: short slices in the order
// ABBA, so that what the machine does otherwise hits both alike. The connections stay open; between
// their slices they are silent. Prints the operations of each slice and what CPU its server took
// for them. Not a benchmark: it knows of nothing else. Try it:
//   build/release/raw_epoll & build/release/raw_asio &
//   build/release/slice_load echo --target PORT:PID --target PORT:PID --clients 64 --pairs 10
#include <signal.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engines/command_line.hpp"
#include "engines/engine.hpp"
#include "workloads/json_text.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr std::size_t targets = 2;
constexpr Duration gap = std::chrono::milliseconds(20);  ///< For answers that are still to come.
constexpr Duration head_start = std::chrono::milliseconds(300);

/// Which target has its turn when: A B, then B A, and so on, each slice followed by a gap.
class Schedule {
 public:
  Schedule(TimePoint start, Duration slice) : start_(start), slice_(slice) {}

  static std::size_t target_of(std::int64_t slice) { return ((slice + 1) / 2) % 2; }
  TimePoint start_of(std::int64_t slice) const { return start_ + slice * (slice_ + gap); }
  TimePoint end_of(std::int64_t slice) const { return start_of(slice) + slice_; }

  /// The first time from `now` on at which `target` may speak.
  TimePoint turn(std::size_t target, TimePoint now) const {
    std::int64_t slice = now < start_ ? 0 : (now - start_) / (slice_ + gap);
    if (now >= end_of(slice)) ++slice;
    while (target_of(slice) != target) ++slice;
    return std::max(now, start_of(slice));
  }

 private:
  TimePoint start_;
  Duration slice_;
};

/// Counts for all clients of a target.
class Counter final : public Admission, public Recorder {
 public:
  void replied(const Exchange&) override { add(operations_); }
  void failed(const Exchange&, ReplyError) override { add(errors_); }
  bool admit(std::uint32_t, std::uint64_t) override { return true; }

  std::uint64_t operations() const { return operations_.load(std::memory_order_relaxed); }
  std::uint64_t errors() const { return errors_.load(std::memory_order_relaxed); }

 private:
  static void add(std::atomic<std::uint64_t>& count) {  // one thread writes, another reads
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  std::atomic<std::uint64_t> operations_ = 0, errors_ = 0;
};

/// A client that speaks only in its target's turn.
class InTurn final : public Session {
 public:
  InTurn(std::unique_ptr<Session> client, const Schedule& schedule, std::size_t target)
      : client_(std::move(client)), schedule_(schedule), target_(target) {}

  Step on_open() override { return in_turn(client_->on_open()); }
  Step on_bytes(Bytes bytes) override { return in_turn(client_->on_bytes(bytes)); }
  Step on_early_bytes(Bytes bytes) override { return client_->on_early_bytes(bytes); }
  Step on_sent() override { return in_turn(client_->on_sent()); }
  Step on_timeout() override { return in_turn(client_->on_timeout()); }
  Step on_failure(Failure failure) override { return client_->on_failure(failure); }

 private:
  Step in_turn(Step step) {
    if (step.send.empty()) return step;
    const TimePoint now = Clock::now(), turn = schedule_.turn(target_, now);
    if (turn > now) step.not_before = turn;
    return step;
  }

  std::unique_ptr<Session> client_;
  const Schedule& schedule_;
  std::size_t target_;
};

struct Target {
  std::uint16_t port = 0;
  int pid = 0;
  Counter counter;
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<Session*> borrowed;

  /// "PORT:PID". Throws std::invalid_argument.
  void parse(const std::string& text) {
    const char* const end = text.data() + text.size();
    const auto [colon, bad_port] = std::from_chars(text.data(), end, port);
    if (bad_port != std::errc{} || colon == end || *colon != ':' ||
        std::from_chars(colon + 1, end, pid).ptr != end || pid <= 0)
      throw std::invalid_argument("'" + text + "' is no target; write PORT:PID");
  }

  /// CPU time of the main thread, exact while it sleeps (proc(5), schedstat).
  std::uint64_t cpu_ns() const {
    std::ifstream schedstat("/proc/" + std::to_string(pid) + "/schedstat");
    std::uint64_t ns = 0;
    if (!(schedstat >> ns)) throw std::runtime_error("no /proc/" + std::to_string(pid));
    return ns;
  }
};

struct Arguments {
  std::string workload, engine{load_engine().name};
  std::vector<std::string> targets;
  std::uint32_t clients = 64;
  std::int64_t pairs = 100, slice_ms = 200;
};

nlohmann::json measure(const Arguments& arguments, std::array<Target, targets>& both,
                       const Schedule& schedule) {
  nlohmann::json slices = nlohmann::json::array();
  for (std::int64_t slice = 0; slice < 2 * arguments.pairs; ++slice) {
    const std::size_t index = Schedule::target_of(slice);
    const Target& target = both[index];
    std::this_thread::sleep_until(schedule.start_of(slice) - gap / 8);
    const std::uint64_t cpu_ns = target.cpu_ns(), operations = target.counter.operations();
    std::this_thread::sleep_until(schedule.end_of(slice) + gap * 3 / 4);
    slices.push_back({{"target", index},
                      {"operations", target.counter.operations() - operations},
                      {"cpu_ns", target.cpu_ns() - cpu_ns}});
  }
  return {{"slices", slices}, {"errors", both[0].counter.errors() + both[1].counter.errors()}};
}

void play(const Arguments& arguments) {
  const Workload& workload = find_workload(arguments.workload);
  const Engine& engine = find_engine(arguments.engine);
  const Parameters parameters(workload.parameters, {});
  const TimePoint start = Clock::now() + head_start;
  const Schedule schedule(start, std::chrono::milliseconds(arguments.slice_ms));
  StopSource stop;
  std::array<Target, targets> both;
  std::vector<std::jthread> threads;
  for (std::size_t index = 0; index < targets; ++index) {
    Target& target = both[index];
    target.parse(arguments.targets[index]);
    for (std::uint32_t client = 0; client < arguments.clients; ++client)
      target.borrowed.push_back(
          target.sessions
              .emplace_back(std::make_unique<InTurn>(
                  workload.client(parameters, client, target.counter, target.counter), schedule,
                  index))
              .get());
  }
  for (Target& target : both)
    threads.emplace_back([&engine, &target, token = stop.token()] {
      engine.drive(Endpoint::loopback(target.port), target.borrowed, {.stop = token});
    });
  const nlohmann::json report = measure(arguments, both, schedule);
  stop.request();
  threads.clear();
  std::puts(json_text(report).c_str());
}

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  contend::Arguments arguments;
  CLI::App app{"Load in turns on two servers that do the same."};
  app.add_option("WORKLOAD", arguments.workload, "echo or http")->required();
  app.add_option("--target", arguments.targets, "PORT:PID of a server; two of them")
      ->required()
      ->expected(contend::targets);
  app.add_option("--engine", arguments.engine, "which drives the load")->capture_default_str();
  app.add_option("--clients", arguments.clients, "connections to each")
      ->check(contend::in_range(1U, 65536U))
      ->capture_default_str();
  app.add_option("--pairs", arguments.pairs, "of slices")
      ->check(contend::in_range(1U, 1'000'000U))
      ->capture_default_str();
  app.add_option("--slice-ms", arguments.slice_ms, "length of a slice")
      ->check(contend::in_range(1U, 600'000U))
      ->capture_default_str();
  signal(SIGPIPE, SIG_IGN);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  try {
    contend::parse_command_line(app, argc, argv);
    contend::play(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "slice_load: %s\n", error.what());
    return 1;
  }
}
