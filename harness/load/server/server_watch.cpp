// Readings of a process tree, and what lies between them.
#include "harness/load/server/server_watch.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "harness/base/table.hpp"

namespace contend::load {
namespace {

/// Reading memory walks page tables, in this process's time and against the server's lock on them.
/// Where it takes longer than one percent of a second, it is not done while a window lasts.
constexpr Duration slow_reading = std::chrono::milliseconds(10);

/// Where the tree used so much more than its threads that live, others came and went, and their
/// switches with them. What the scheduler says of threads that run is up to a tick old.
std::chrono::nanoseconds unseen(std::chrono::nanoseconds cpu) {
  return std::chrono::milliseconds(20) + cpu / 20;
}

/// A descriptor that becomes readable when the process ends, even where nobody has waited for it,
/// and never is another process's (pidfd_open(2)).
Fd process_descriptor(pid_t pid) {
  Fd process{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  if (!process)
    throw std::invalid_argument(fmt::format(
        "there is no process {}; name a running server's, such as $(pidof -s nginx) or $!", pid));
  return process;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr double mebibyte = 1 << 20;
  return number_text(static_cast<double>(bytes) / mebibyte) + " MiB";
}

}  // namespace

ServerWatch::ServerWatch(pid_t root) : root_(root), process_(process_descriptor(root)) {
  CPU_ZERO(&cpus_);
  note_memory();
  first_ = last_ = read_tree(root_);
  if (first_.processes == 0 || has_ended())
    throw std::invalid_argument(
        fmt::format("process {} has ended, or may not be looked at by this user", root_));
  if (std::ranges::binary_search(first_.threads, getpid(), {}, &TreeReading::Thread::id))
    throw std::invalid_argument(fmt::format(
        "this load is a descendant of process {}; name the server's own process", root_));
  note_threads(first_, true);
}

std::optional<std::chrono::nanoseconds> ServerWatch::read() {
  if (has_ended()) return std::nullopt;
  TreeReading now = read_tree(root_);
  // What ends while it is read is not whole.
  if (has_ended()) return std::nullopt;
  note_threads(now, false);
  if (memory_took_ < slow_reading) note_memory();
  const auto cpu = usage_between(last_, now).cpu;
  last_ = std::move(now);
  return cpu;
}

ServerUse ServerWatch::use() {
  if (!has_ended()) note_memory();
  ServerUse use{.pid = root_,
                .usage = usage_between(first_, last_),
                .memory_peak_bytes = memory_peak_bytes_,
                .memory_end_bytes = memory_end_bytes_};
  use.cpu_share = cpu_share(use.usage);
  if (knows_threads_ && threads_ran_ + unseen(use.usage.cpu) < use.usage.cpu)
    use.usage.voluntary_switches = use.usage.involuntary_switches = std::nullopt;
  if (knows_threads_) use.waited_share = share(busiest_.waited, use.usage.wall);
  if (ended_) use.ended = *ended_ - first_.at;
  return use;
}

bool ServerWatch::has_ended() {
  pollfd polled{.fd = process_.get(), .events = POLLIN, .revents = 0};
  if (!ended_ && poll(&polled, 1, 0) == 1) ended_ = Clock::now();
  return ended_.has_value();
}

/// A thread that was not there at the last reading has begun since then, at zero.
void ServerWatch::note_threads(const TreeReading& reading, bool is_first) {
  std::vector<Thread> threads;
  threads_ran_ = {};
  for (const TreeReading::Thread& thread : reading.threads) {
    cpu_set_t cpus;
    if (sched_getaffinity(thread.id, sizeof cpus, &cpus) == 0) CPU_OR(&cpus_, &cpus_, &cpus);
    const std::optional<ThreadReading> now = ThreadReading::of(thread.id);
    if (!now) continue;
    knows_threads_ = true;
    const auto known = std::ranges::lower_bound(threads_, thread.id, {}, &Thread::id);
    ThreadReading begin = is_first ? *now : ThreadReading{};
    // The number may be a dead one's.
    if (known != threads_.end() && known->id == thread.id && known->begin.ran <= now->ran)
      begin = known->begin;
    threads.push_back({.id = thread.id, .begin = begin});
    threads_ran_ += now->ran - begin.ran;
    busiest_ = {.ran = std::max(busiest_.ran, now->ran - begin.ran),
                .waited = std::max(busiest_.waited, now->waited - begin.waited)};
  }
  max_threads_ = std::max(max_threads_, reading.threads.size());
  threads_ = std::move(threads);
}

void ServerWatch::note_memory() {
  const TimePoint begin = Clock::now();
  const std::uint64_t bytes = tree_memory(root_).bytes;
  memory_took_ = Clock::now() - begin;
  if (bytes == 0) return;  // it has ended
  memory_end_bytes_ = bytes;
  memory_peak_bytes_ = std::max(memory_peak_bytes_, bytes);
}

/// A server is at its limit when its loop is, whatever other threads it has; and one of many
/// threads or short-lived processes when all CPUs are that they may use.
double ServerWatch::cpu_share(const TreeUsage& usage) const {
  const auto cpus = static_cast<std::size_t>(CPU_COUNT(&cpus_));
  const auto usable = static_cast<double>(std::max<std::size_t>(std::min(cpus, max_threads_), 1));
  return std::min(1.0,
                  std::max(share(busiest_.ran, usage.wall), share(usage.cpu, usage.wall) / usable));
}

std::string text(const ServerUse& use) {
  const auto by_answer = [&](std::chrono::nanoseconds time) {
    return duration_text(static_cast<double>(time.count()) / static_cast<double>(use.answered));
  };
  const TreeUsage& usage = use.usage;
  std::string words =
      fmt::format("server CPU {:.0f} % of a core", 100 * share(usage.cpu, usage.wall));
  if (use.answered > 0) {
    words += fmt::format(", {} an answer", by_answer(usage.cpu));
    if (usage.user && usage.system)
      words +=
          fmt::format(" ({} user, {} system)", by_answer(*usage.user), by_answer(*usage.system));
    if (usage.voluntary_switches && usage.involuntary_switches)
      words += fmt::format(
          "; {} context switches an answer",
          number_text(static_cast<double>(*usage.voluntary_switches + *usage.involuntary_switches) /
                      static_cast<double>(use.answered)));
  }
  words += fmt::format("; memory {} at most, {} at the end", bytes_text(use.memory_peak_bytes),
                       bytes_text(use.memory_end_bytes));
  if (use.ended)
    words += fmt::format("; the server ended, and was gone {} after the beginning",
                         duration_text(static_cast<double>(use.ended->count())));
  return words;
}

nlohmann::json to_json(const ServerUse& use) {
  const auto ns_or_null = [](const auto& time) {
    return time ? nlohmann::json(time->count()) : nlohmann::json();
  };
  const auto or_null = [](const auto& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
  };
  return {{"pid", use.pid},
          {"watched_ns", use.usage.wall.count()},
          {"answered", use.answered},
          {"cpu_ns", use.usage.cpu.count()},
          {"cpu_user_ns", ns_or_null(use.usage.user)},
          {"cpu_system_ns", ns_or_null(use.usage.system)},
          {"voluntary_switches", or_null(use.usage.voluntary_switches)},
          {"involuntary_switches", or_null(use.usage.involuntary_switches)},
          {"memory_peak_bytes", use.memory_peak_bytes},
          {"memory_end_bytes", use.memory_end_bytes},
          {"ended_ns", ns_or_null(use.ended)}};
}

}  // namespace contend::load
