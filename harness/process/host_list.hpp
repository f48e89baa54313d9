// What can be measured: the engines and workloads that a host program lists
// (docs/host-protocol.md), and the engines outside of it (manifest.hpp). Each engine carries the
// command that plays it.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/stop.hpp"
#include "harness/process/guard.hpp"
#include "workloads/workload.hpp"

namespace contend {

class Fields;

struct HostEngine {
  std::string name, summary;
  bool charted = true, scales = false, spins = false, delays = false;
  std::vector<Role> roles;
  std::optional<std::string> unavailable;  ///< Why not here.
  std::vector<std::string> command{};      ///< What `ROLE NAME WORKLOAD ...` is appended to.
  std::string manifest{};                  ///< Of an outside engine, its file; of others empty.
  /// Of an outside engine, what it plays; others play whatever measures a role of theirs.
  std::set<std::pair<Role, std::string>> played{};

  bool outside() const { return !manifest.empty(); }
  bool plays(Role role, const std::string& workload) const;
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

  /// Every parameter: what is given, and the defaults of the others. Throws std::invalid_argument
  /// that begins with `where` for one that is unknown or out of range.
  std::map<std::string, std::int64_t> complete(const std::map<std::string, std::int64_t>& given,
                                               const std::string& where) const;
};

struct Host {
  std::vector<HostEngine> engines;      ///< In the order of the charts.
  std::vector<HostWorkload> workloads;  ///< Likewise.

  /// Throw std::invalid_argument that names the known ones.
  const HostEngine& engine(std::string_view name) const;
  const HostWorkload& workload(std::string_view name) const;
};

/// Throws std::invalid_argument that names the field which is wrong. Fields that it does not know
/// are left alone: a newer host may tell more.
/// `command` is what plays the engines.
Host parse_host(const nlohmann::json& listing, const std::vector<std::string>& command);
/// What the host says, as it says it. Throws what Child throws.
nlohmann::json ask_listing(const Guard& guard, const std::vector<std::string>& command,
                           const StopToken& stop);
/// Both of these.
Host ask_host(const Guard& guard, const std::vector<std::string>& command, const StopToken& stop);

/// "serve, drive", and so on.
std::string role_names();
/// What the field says. Throws std::invalid_argument that names it, and the roles that there are.
Role role_in(Fields& fields, std::string_view name);

}  // namespace contend
