// How much of the machine's CPU time others took: the hypervisor and foreign processes.
//   const CpuReading before = read_cpu();  ...  noise_between(before, read_cpu()).steal_share
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace contend {

/// The machine's CPU time since it booted, summed over its CPUs, and this process's part of it.
struct CpuReading {
  std::chrono::nanoseconds total{}, busy{}, steal{};  ///< In steps of a tick, 10 ms.
  std::chrono::nanoseconds own{};  ///< Of this process and of all that it has waited for.
  bool known = false;              ///< Whether /proc/stat could be read and understood.
};

CpuReading read_cpu();
/// From the text of /proc/stat; see proc_stat(5). `known` is false where it isn't that.
CpuReading parse_proc_stat(std::string_view text, std::chrono::nanoseconds own);

/// Shares of all CPU time there was, 0 to 1; null where the kernel does not tell or no time passed.
struct Noise {
  std::optional<double> steal_share;        ///< The hypervisor gave it to others.
  std::optional<double> foreign_cpu_share;  ///< Processes that are not ours used it.
};

/// Children that are still running at `later` count as foreign: wait for them first.
Noise noise_between(const CpuReading& earlier, const CpuReading& later);

/// `noise` as in result.json.
nlohmann::json noise_json(const Noise& noise);

}  // namespace contend
