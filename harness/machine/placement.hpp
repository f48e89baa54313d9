// Which CPUs the engine gets and which the load, so that neither takes the other's time.
//   const Placement placement = choose_placement(cores_allowed());
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace contend {

struct Placement {
  std::vector<unsigned> engine_cpus, load_cpus;  ///< CPU numbers, ascending, at least one each.
  bool pinned = false;                           ///< The two lists have nothing in common.
  std::optional<std::string> note;  ///< What is imperfect about it, for the result; null: nothing.
};

/// The CPUs that this process may run on (sched_getaffinity(2)), by physical core: CPUs that share
/// a core are in one list. `root` is where /sys is looked for, for tests.
std::vector<std::vector<unsigned>> cores_allowed(const std::filesystem::path& root = "/");

/// The load, which is one thread, gets the last core, the engine all others. One core with two
/// CPUs is divided, with a note. A single CPU is shared and nothing is pinned, with a note.
/// Throws std::invalid_argument when there is no CPU at all.
Placement choose_placement(const std::vector<std::vector<unsigned>>& cores);

/// Those of both lists, each once: for what has no load.
std::vector<unsigned> all_cpus(const Placement& placement);

/// `placement` as in result.json.
nlohmann::json placement_json(const Placement& placement);

/// The calling thread, and what it starts later, runs on these CPUs only. Throws std::system_error
/// when the kernel refuses.
void pin_this_thread(std::span<const unsigned> cpus);

}  // namespace contend
