// Readings from /proc and of control groups.
#include "harness/machine/self_check.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>

#include "harness/machine/machine.hpp"
#include "workloads/thread_cpu.hpp"

namespace contend {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

/// The line of `text` that begins with `label`, from there on.
std::optional<std::string> rest_of_line(std::string_view text, std::string_view label) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(label)) return line.substr(label.size());
  return std::nullopt;
}

/// What the scheduler has counted of the thread with this folder in /proc.
std::optional<ThreadReading> scheduled(const std::string& folder) {
  std::int64_t ran_ns = 0, waited_ns = 0;
  std::istringstream text(read_text(folder + "/schedstat").value_or(""));
  if (!(text >> ran_ns >> waited_ns)) return std::nullopt;
  return ThreadReading{.ran = Nanoseconds(ran_ns), .waited = Nanoseconds(waited_ns)};
}

/// Where the control groups of this process have their files, from its own up to the root. A line
/// of /proc/self/cgroup is ID:CONTROLLERS:PATH; version 2 names no controllers (cgroups(7)).
std::optional<Nanoseconds> throttled_now() {
  std::optional<Nanoseconds> most;
  std::istringstream lines(read_text("/proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers != ",," && controllers.find(",cpu,") == std::string::npos) continue;
    const std::filesystem::path root =
        controllers == ",," ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
    for (std::filesystem::path group = line.substr(second + 1);; group = group.parent_path()) {
      const auto text = read_text(root / group.relative_path() / "cpu.stat");
      if (const auto time = text ? throttled_time(*text) : std::nullopt)
        most = std::max(most.value_or(Nanoseconds{}), *time);
      if (!group.has_relative_path()) break;
    }
  }
  return most;
}

}  // namespace

ThreadReading ThreadReading::now() {
  const Nanoseconds ran = thread_cpu();
  const ThreadReading counted = scheduled("/proc/thread-self").value_or(ThreadReading{});
  return {.ran = ran, .waited = counted.waited};
}

/// /proc/TID is there for each thread, though no listing has it (proc(5)).
std::optional<ThreadReading> ThreadReading::of(pid_t thread) {
  return scheduled("/proc/" + std::to_string(thread));
}

double share(std::chrono::nanoseconds part, Duration whole) {
  if (whole <= Duration::zero()) return 0;
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

ThreadReading operator-(const ThreadReading& later, const ThreadReading& earlier) {
  return {.ran = later.ran - earlier.ran, .waited = later.waited - earlier.waited};
}

HostReading HostReading::now(const Endpoint& target) {
  HostReading reading{.cpu = read_cpu(), .listeners = listeners_at(target)};
  reading.accept_overflows =
      netstat_counter(read_text("/proc/net/netstat").value_or(""), "TcpExt:", "ListenOverflows");
  reading.throttled = throttled_now();
  // "TCP: inuse 5 orphan 0 tw 12 ..."
  const auto sockets = rest_of_line(read_text("/proc/net/sockstat").value_or(""), "TCP:");
  std::istringstream words(sockets.value_or(""));
  std::uint64_t count = 0;
  for (std::string name; words >> name >> count;)
    if (name == "tw") reading.time_wait_sockets = count;
  return reading;
}

std::optional<std::uint64_t> overflows_between(const HostReading& before,
                                               const HostReading& after) {
  if (!before.accept_overflows || !after.accept_overflows || !before.listeners || !after.listeners)
    return std::nullopt;
  return std::min(*after.accept_overflows - *before.accept_overflows,
                  drops_between(*before.listeners, *after.listeners));
}

/// Two lines a block: the names, and the values in the same order.
std::optional<std::uint64_t> netstat_counter(std::string_view text, std::string_view block,
                                             std::string_view name) {
  const auto names = rest_of_line(text, block);
  if (!names) return std::nullopt;
  const auto rest = text.substr(text.find(*names) + names->size());
  std::istringstream labels(*names), values(rest_of_line(rest, block).value_or(""));
  std::uint64_t value = 0;
  for (std::string label; labels >> label && values >> value;)
    if (label == name) return value;
  return std::nullopt;
}

std::optional<Nanoseconds> throttled_time(std::string_view cpu_stat) {
  std::optional<Nanoseconds> time;
  for (const auto& [label, unit] : {std::pair{"throttled_usec ", 1000}, {"throttled_time ", 1}}) {
    std::int64_t count = 0;
    if (std::istringstream(rest_of_line(cpu_stat, label).value_or("")) >> count)
      time = Nanoseconds(count * unit);
  }
  return time;
}

std::optional<std::uint64_t> ephemeral_ports() {
  std::uint64_t first = 0, last = 0;
  std::istringstream text(read_text("/proc/sys/net/ipv4/ip_local_port_range").value_or(""));
  if (!(text >> first >> last) || last < first) return std::nullopt;
  return last - first + 1;
}

}  // namespace contend
