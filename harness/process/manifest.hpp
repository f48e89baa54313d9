// Outside engines: programs that nobody built with contend, each described by a file
// engines/external/NAME/manifest.json (docs/engines.md). It reads them; it starts nothing.
//   contend list        or        contend bench --external my-engines --engines my-engine
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/process/host_list.hpp"

namespace contend {

/// Strict. `folder` is the manifest's own, from which its relative paths are seen; its name is the
/// engine's. An engine whose program is not there is unavailable. Throws std::invalid_argument that
/// names the file, the field, and what it must be.
HostEngine parse_manifest(const nlohmann::json& manifest, const std::filesystem::path& folder);
/// The same of the file in that folder, which may hold anything.
HostEngine load_manifest(const std::filesystem::path& folder);

/// Returns the engines of the folders in `folder`, by name; those without a manifest are none. If
/// `folder` is empty, returns those of contend's own engines/external (folders_called). Throws as
/// load_manifest does, and if `folder` is no folder.
std::vector<HostEngine> outside_engines(const std::filesystem::path& folder);

/// Lists them after the host's own. Throws std::invalid_argument that names the manifest of one
/// whose name the host has already.
void add_outside(Host& host, std::vector<HostEngine> engines);

}  // namespace contend
