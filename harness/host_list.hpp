// What a host program can play, as its `list` tells (docs/host-protocol.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/stop.hpp"
#include "harness/guard.hpp"
#include "workloads/workload.hpp"

namespace contend {

struct HostEngine {
  std::string name, summary;
  bool charted = true, scales = false, spins = false, delays = false;
  std::vector<Role> roles;
  std::optional<std::string> unavailable;  ///< Why not here.

  bool plays(Role role) const;
};

struct HostParameter {
  std::string name, meaning;
  std::int64_t fallback = 0, minimum = 0, maximum = 0;
};

struct HostWorkload {
  std::string name, summary;
  Role role = Role::serve;
  std::vector<std::string> kinds;
  std::vector<HostParameter> parameters;
};

struct Host {
  std::string program;
  std::vector<HostEngine> engines;      ///< In the order of the charts.
  std::vector<HostWorkload> workloads;  ///< Likewise.

  /// Throw std::invalid_argument that names the known ones.
  const HostEngine& engine(std::string_view name) const;
  const HostWorkload& workload(std::string_view name) const;
};

/// Throws std::invalid_argument that names the field which is wrong. Fields that it does not know
/// are left alone: a newer host may tell more.
Host parse_host(const nlohmann::json& listing, const std::string& program);
/// Asks the program. Throws also what Child throws.
Host ask_host(const Guard& guard, const std::string& program, const StopToken& stop);

/// Throws std::invalid_argument.
Role role_of(std::string_view name);

}  // namespace contend
