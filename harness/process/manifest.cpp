// Outside engines and their manifests.
#include "harness/process/manifest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "harness/base/files.hpp"
#include "harness/base/folders.hpp"
#include "harness/base/json.hpp"

namespace contend {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* file_name = "manifest.json";
constexpr std::size_t max_manifest_bytes = 64 << 10;
/// Where programs are looked for when the environment has no PATH, as execvp(3) does.
constexpr const char* usual_path = "/bin:/usr/bin";

bool is_name(std::string_view name) {
  const auto begins = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && begins(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return begins(c) || c == '-' || c == '_'; });
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

std::optional<std::string> found_in_path(const std::string& program) {
  const char* const given = std::getenv("PATH");
  std::string_view left = given == nullptr ? usual_path : given;
  while (!left.empty()) {
    const std::string_view folder = left.substr(0, left.find(':'));
    left.remove_prefix(std::min(left.size(), folder.size() + 1));
    if (is_program(fs::path(folder) / program)) return fs::path(folder) / program;
  }
  return std::nullopt;
}

/// An element of the command that names a file beside the manifest, as a path that holds in any
/// current folder; others as they are.
std::string seen_from(const fs::path& folder, const std::string& element) {
  std::error_code ignored;
  if (element.empty() || !fs::is_regular_file(folder / element, ignored)) return element;
  return fs::absolute(folder / element).lexically_normal();
}

std::vector<std::string> command_in(Fields& fields, const fs::path& folder) {
  std::vector<std::string> command = fields.strings("command");
  if (command.empty() || command[0].empty()) fields.refuse("command", "must begin with a program");
  for (std::string& element : command) {
    if (element.find('\0') != std::string::npos)
      fields.refuse("command", "must be without characters of the code 0");
    const bool in_path = &element == command.data() && element.find('/') == std::string::npos;
    element = in_path ? found_in_path(element).value_or(element) : seen_from(folder, element);
  }
  return command;
}

/// Workloads that one role plays: known ones that measure it, each once.
std::vector<std::string> workloads_in(Fields& plays, std::string_view role) {
  std::vector<std::string> names = plays.strings(role);
  std::vector<std::string_view> known;
  for (const Workload& workload : workloads())
    if (to_string(workload.role) == role) known.push_back(workload.name);
  if (names.empty()) plays.refuse(role, "must name a workload, or be left out");
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) == known.end())
      plays.refuse(role, fmt::format("no workload {} of this role; there are {}",
                                     quote_for_display(name), fmt::join(known, ", ")));
    if (!seen.insert(name).second) plays.refuse(role, quote_for_display(name) + " is there twice");
  }
  return names;
}

std::optional<std::string> why_unavailable(const std::string& program, const std::string& package) {
  if (is_program(program)) return std::nullopt;
  const bool by_path = program.find('/') != std::string::npos;
  return fmt::format("no {}{}{}", by_path ? "program " : "", program, by_path ? "" : " in PATH") +
         (package.empty() ? "" : "; install the package " + package);
}

}  // namespace

HostEngine parse_manifest(const json& manifest, const fs::path& folder) {
  const std::string file = folder / file_name, name = folder.filename();
  if (!is_name(name))
    throw std::invalid_argument(fmt::format(
        "{}: the folder's name is the engine's and must be of a-z, 0-9, - and _, not {}", file,
        quote_for_display(name)));
  Fields fields(manifest, file);
  HostEngine engine{.name = name,
                    .summary = fields.string("summary"),
                    .roles = {},
                    .unavailable = {},
                    .command = command_in(fields, folder),
                    .manifest = file,
                    .played = {}};
  const std::string package = fields.string_or("needs", "");
  Fields plays(fields.object("plays"), fields.path("plays"));
  for (const Role role : all_roles) {
    if (!plays.has(to_string(role))) continue;
    engine.roles.push_back(role);
    for (std::string& workload : workloads_in(plays, to_string(role)))
      engine.played.emplace(role, std::move(workload));
  }
  plays.finish();
  if (engine.roles.empty()) fields.refuse("plays", "must have one of " + role_names());
  fields.finish();
  engine.unavailable = why_unavailable(engine.command[0], package);
  return engine;
}

HostEngine load_manifest(const fs::path& folder) {
  const std::string path = folder / file_name;
  return parse_manifest(parse_json(content_of(path, max_manifest_bytes), path), folder);
}

std::vector<HostEngine> outside_engines(const fs::path& folder) {
  std::error_code problem;
  if (!folder.empty() && !fs::is_directory(folder, problem))
    throw std::invalid_argument(
        fmt::format("no folder {} of outside engines", quote_for_display(folder.string())));
  std::map<std::string, HostEngine> by_name;
  const auto folders =
      folder.empty() ? folders_called("engines/external") : std::vector<fs::path>{folder};
  for (const fs::path& all : folders)
    for (const auto& one : fs::directory_iterator(all)) {
      const std::string name = one.path().filename();
      if (!by_name.contains(name) && fs::exists(one.path() / file_name, problem))
        by_name.emplace(name, load_manifest(one.path()));
    }
  std::vector<HostEngine> engines;
  for (auto& [name, engine] : by_name) engines.push_back(std::move(engine));
  return engines;
}

void add_outside(Host& host, std::vector<HostEngine> engines) {
  for (HostEngine& engine : engines) {
    if (std::ranges::find(host.engines, engine.name, &HostEngine::name) != host.engines.end())
      throw std::invalid_argument(
          fmt::format("{}: the host has an engine {} already; give the folder another name",
                      engine.manifest, quote_for_display(engine.name)));
    host.engines.push_back(std::move(engine));
  }
}

}  // namespace contend
