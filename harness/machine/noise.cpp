// How much of the machine's CPU time others took.
#include "harness/machine/noise.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "harness/machine/machine.hpp"

namespace contend {
namespace {

std::chrono::nanoseconds nanoseconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

std::chrono::nanoseconds own_cpu() {
  std::chrono::nanoseconds sum{};
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    sum += nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
  }
  return sum;
}

nlohmann::json or_null(std::optional<double> share) {
  return share ? nlohmann::json(*share) : nlohmann::json();
}

}  // namespace

CpuReading read_cpu() {
  // Our own first: what is used in between must not look foreign by turns and negative by turns.
  const auto own = own_cpu();
  return parse_proc_stat(read_text("/proc/stat").value_or(""), own);
}

CpuReading parse_proc_stat(std::string_view text, std::chrono::nanoseconds own) {
  static const long ticks_per_s = sysconf(_SC_CLK_TCK);
  std::istringstream line(std::string(text.substr(0, text.find('\n'))));
  std::string label;
  // Guests' time is in `user` and `nice` already (proc_stat(5)), so the columns end with `steal`.
  enum : std::size_t { user, nice, system, idle, iowait, irq, softirq, steal, columns };
  std::array<std::int64_t, columns> ticks{};
  CpuReading reading{.own = own};
  if (!(line >> label) || label != "cpu") return reading;
  for (std::int64_t& value : ticks)
    if (!(line >> value)) return reading;
  const auto time = [&](std::int64_t count) {
    return std::chrono::nanoseconds(count * (1'000'000'000 / ticks_per_s));
  };
  reading.busy = time(ticks[user] + ticks[nice] + ticks[system] + ticks[irq] + ticks[softirq]);
  reading.steal = time(ticks[steal]);
  reading.total = reading.busy + reading.steal + time(ticks[idle] + ticks[iowait]);
  reading.known = true;
  return reading;
}

Noise noise_between(const CpuReading& earlier, const CpuReading& later) {
  const auto total = later.total - earlier.total;
  if (!earlier.known || !later.known || total.count() <= 0) return {};
  const auto share = [&](std::chrono::nanoseconds part) {
    return std::clamp(static_cast<double>(part.count()) / static_cast<double>(total.count()), 0.0,
                      1.0);
  };
  return {.steal_share = share(later.steal - earlier.steal),
          .foreign_cpu_share = share(later.busy - earlier.busy - (later.own - earlier.own))};
}

nlohmann::json noise_json(const Noise& noise) {
  return {{"steal_share", or_null(noise.steal_share)},
          {"foreign_cpu_share", or_null(noise.foreign_cpu_share)}};
}

}  // namespace contend
