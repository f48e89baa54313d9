// Which CPUs the engine gets and which the load.
#include "harness/machine/placement.hpp"

#include <sched.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/net.hpp"
#include "harness/machine/machine.hpp"

namespace contend {
namespace {

std::vector<unsigned> cpus_allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) throw_errno("sched_getaffinity");
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

}  // namespace

std::vector<std::vector<unsigned>> cores_allowed(const std::filesystem::path& root) {
  // Siblings have the same list, such as "0,4", so the list is the core's name.
  std::map<std::string, std::vector<unsigned>> by_siblings;
  for (const unsigned cpu : cpus_allowed()) {
    const std::string name = fmt::format("cpu{}", cpu);
    by_siblings[read_text(root / "sys/devices/system/cpu" / name / "topology/thread_siblings_list")
                    .value_or(name)]
        .push_back(cpu);
  }
  std::vector<std::vector<unsigned>> cores;
  for (auto& [name, cpus] : by_siblings) cores.push_back(std::move(cpus));
  std::ranges::sort(cores);
  return cores;
}

Placement choose_placement(const std::vector<std::vector<unsigned>>& cores) {
  if (cores.empty() || cores.front().empty())
    throw std::invalid_argument("there is no CPU to run on");
  Placement placement;
  if (cores.size() == 1 && cores.front().size() == 1) {
    placement.engine_cpus = placement.load_cpus = cores.front();
    placement.note = "one CPU only: engine and load share it, and are not pinned";
    return placement;
  }
  placement.pinned = true;
  if (cores.size() == 1) {
    placement.engine_cpus = {cores.front().begin(), cores.front().end() - 1};
    placement.load_cpus = {cores.front().back()};
    placement.note = fmt::format("one core only: engine (CPU {}) and load (CPU {}) share it",
                                 fmt::join(placement.engine_cpus, ","), cores.front().back());
    return placement;
  }
  for (std::size_t i = 0; i + 1 < cores.size(); ++i)
    placement.engine_cpus.insert(placement.engine_cpus.end(), cores[i].begin(), cores[i].end());
  std::ranges::sort(placement.engine_cpus);
  placement.load_cpus = cores.back();
  if (cores.size() == 2)
    placement.note =
        "two cores only: harness, kernel and whatever else runs take their time from engine and "
        "load";
  return placement;
}

std::vector<unsigned> all_cpus(const Placement& placement) {
  std::vector<unsigned> all = placement.engine_cpus;
  if (placement.pinned)
    all.insert(all.end(), placement.load_cpus.begin(), placement.load_cpus.end());
  return all;
}

nlohmann::json placement_json(const Placement& placement) {
  return {{"engine_cpus", placement.engine_cpus},
          {"load_cpus", placement.load_cpus},
          {"pinned", placement.pinned},
          {"note", placement.note ? nlohmann::json(*placement.note) : nlohmann::json()}};
}

void pin_this_thread(std::span<const unsigned> cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned cpu : cpus)
    if (cpu < CPU_SETSIZE) CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0)
    throw_errno(fmt::format("pinning to CPU {}", fmt::join(cpus, ",")));
}

}  // namespace contend
