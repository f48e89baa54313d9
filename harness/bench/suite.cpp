// What to measure.
#include "harness/bench/suite.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>
#include <stdexcept>

#include "engines/engine.hpp"
#include "harness/base/files.hpp"
#include "harness/base/folders.hpp"
#include "harness/base/json.hpp"

namespace contend {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr unsigned max_connections = 65'536;
constexpr std::int64_t max_window_ms = 600'000;

std::string name_in(Fields& fields, std::string_view field, bool may_be_empty) {
  const std::string name =
      may_be_empty ? fields.string_or(field, "") : std::string(fields.string(field));
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if ((name.empty() && !may_be_empty) || !std::ranges::all_of(name, plain) ||
      (!name.empty() && (name[0] == '-' || name[0] == '_')))
    fields.refuse(field, "must be a name of a-z, 0-9, - and _, not " + quote_for_display(name));
  return name;
}

Duration milliseconds_in(Fields& fields, std::string_view field, Duration fallback,
                         std::int64_t minimum) {
  return std::chrono::milliseconds(fields.integer_or(
      field, std::chrono::duration_cast<std::chrono::milliseconds>(fallback).count(), minimum,
      max_window_ms));
}

Duration microseconds_in(Fields& fields, std::string_view field, std::int64_t maximum) {
  return std::chrono::microseconds(fields.integer_or(field, 0, 0, maximum));
}

Suite::Entry parse_entry(const json& element, const std::string& where, bool outside) {
  Fields fields(element, where);
  Suite::Entry entry{.where = where,
                     .workload = fields.string("workload"),
                     .engines = {},
                     .outside = fields.boolean_or("outside", outside),
                     .connections = {},
                     .options = {}};
  CellOptions& options = entry.options;
  options.variant = name_in(fields, "variant", true);
  options.window = milliseconds_in(fields, "window_ms", options.window, 1);
  options.warmup = milliseconds_in(fields, "warmup_ms", options.warmup, 0);
  options.workers = static_cast<unsigned>(fields.integer_or("workers", 1, 1, 1024));
  options.spin = microseconds_in(fields, "spin_us", max_spin_us);
  options.delay = microseconds_in(fields, "delay_us", max_delay_us);
  if (fields.has("engines")) entry.engines = fields.strings("engines");
  if (fields.has("connections"))
    fields.each("connections", [&](const json& count, const std::string& count_where) {
      if (!count.is_number_integer() || count < 1 || count > max_connections)
        throw std::invalid_argument(
            fmt::format("{}: must be an integer from 1 to {}", count_where, max_connections));
      entry.connections.push_back(count.get<unsigned>());
    });
  if (fields.has("parameters")) {
    const json& given = fields.object("parameters");
    Fields parameters(given, fields.path("parameters"));
    for (const auto& [name, value] : given.items())
      options.parameters.emplace(name, parameters.integer(name));
  }
  fields.finish();
  return entry;
}

/// Only a server has workers, and only jobs never wait for a socket (docs/host-protocol.md).
bool fits(const HostEngine& engine, const HostWorkload& workload, const CellOptions& options) {
  return engine.plays(workload.role, workload.name) &&
         (options.workers == 1 || (engine.scales && workload.role == Role::serve)) &&
         (options.spin == Duration{} || (engine.spins && has_connections(workload.role))) &&
         (options.delay == Duration{} || engine.delays);
}

bool selected(const std::vector<std::string>& among, const std::string& name) {
  return among.empty() || std::ranges::find(among, name) != among.end();
}

/// The entry's engines, of those that were selected. Engines that it names must be able to play it;
/// where it names none, those that are not charted have to be asked for, and outside ones where the
/// suite does not want them.
std::vector<std::string> engines_of(const Suite::Entry& entry, const HostWorkload& workload,
                                    const Host& host, const std::vector<std::string>& among) {
  std::vector<std::string> names;
  for (const std::string& name : entry.engines) {
    try {
      if (!fits(host.engine(name), workload, entry.options))
        throw std::invalid_argument(
            fmt::format("engine '{}' can't play {} with these options", name, workload.name));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}.engines: {}", entry.where, error.what()));
    }
    if (selected(among, name)) names.push_back(name);
  }
  const auto wanted = [&](const HostEngine& engine) {
    if (!among.empty()) return selected(among, engine.name);
    return engine.charted && (entry.outside || !engine.outside());
  };
  if (entry.engines.empty())
    for (const HostEngine& engine : host.engines)
      if (wanted(engine) && fits(engine, workload, entry.options)) names.push_back(engine.name);
  return names;
}

void expand_entry(const Suite::Entry& entry, const Host& host, const Selection& selection,
                  std::vector<Cell>& cells) {
  const HostWorkload* workload = nullptr;
  try {
    workload = &host.workload(entry.workload);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}.workload: {}", entry.where, error.what()));
  }
  if (!has_connections(workload->role) && !entry.connections.empty())
    throw std::invalid_argument(
        fmt::format("{}.connections: {} has no connections", entry.where, workload->name));
  if (has_connections(workload->role) && entry.connections.empty())
    throw std::invalid_argument(fmt::format("{}.connections: is missing", entry.where));

  CellOptions options = entry.options;
  options.parameters = workload->complete(entry.options.parameters, entry.where);
  std::vector<unsigned> connections = entry.connections;
  if (connections.empty()) connections.push_back(0);
  const auto engines = engines_of(entry, *workload, host, selection.engines);
  if (!selected(selection.workloads, entry.workload)) return;
  for (const unsigned count : connections)
    for (const std::string& engine : engines) {
      Cell cell{engine, entry.workload, workload->role, count, options};
      if (selected(selection.scenarios, cell.scenario())) cells.push_back(std::move(cell));
    }
}

}  // namespace

std::string Cell::id() const {
  std::string id = scenario();
  return id.insert(workload.size(), "/" + engine);
}

std::string Cell::scenario() const {
  std::string scenario = workload;
  if (has_connections(role)) scenario += "/" + std::to_string(connections);
  if (!options.variant.empty()) scenario += "/" + options.variant;
  return scenario;
}

Suite parse_suite(const json& json, const std::string& where) {
  Fields fields(json, where);
  Suite suite{.name = name_in(fields, "name", false),
              .summary = fields.string_or("summary", ""),
              .rounds = static_cast<unsigned>(fields.integer("rounds", 1, max_rounds)),
              .entries = {},
              .scaling = {}};
  const bool outside = fields.boolean_or("outside", false);
  if (fields.has("scaling")) {
    const nlohmann::json& scaling = fields.object("scaling");
    Fields kinds(scaling, fields.path("scaling"));
    for (const auto& [parameter, kind] : scaling.items())
      suite.scaling.emplace(parameter, kinds.choice(parameter, {"linear", "fibonacci"}) == "linear"
                                           ? Suite::Scaling::linear
                                           : Suite::Scaling::fibonacci);
  }
  if (fields.has("scale")) suite.scale = fields.number("scale");
  if (!(suite.scale > 0 && suite.scale <= max_scale))
    fields.refuse("scale", fmt::format("must be above 0 and at most {:g}", max_scale));
  fields.each("cells", [&](const nlohmann::json& element, const std::string& element_where) {
    suite.entries.push_back(parse_entry(element, element_where, outside));
  });
  fields.finish();
  return suite;
}

void rescale(Suite& suite, double scale) {
  if (suite.scaling.empty())
    throw std::invalid_argument(
        fmt::format("suite {} says nothing of scaling, so --scale can't be used", suite.name));
  const double steps = std::log(scale) / std::log(std::numbers::phi);
  for (Suite::Entry& entry : suite.entries)
    for (auto& [name, value] : entry.options.parameters) {
      const auto found = suite.scaling.find(name);
      if (found == suite.scaling.end() || value == 0) continue;
      const double scaled = found->second == Suite::Scaling::linear
                                ? static_cast<double>(value) * scale
                                : static_cast<double>(value) + steps;
      value = std::max<std::int64_t>(1, std::llround(scaled));
    }
}

Suite load_suite(const std::string& name_or_file) {
  fs::path path = name_or_file;
  std::set<std::string> known;
  if (!path.has_parent_path() && path.extension() != ".json") {
    for (const fs::path& folder : folders_called("workloads/suites"))
      for (const auto& file : fs::directory_iterator(folder))
        if (file.path().extension() == ".json" && known.insert(file.path().stem()).second &&
            file.path().stem() == name_or_file)
          path = file.path();
  }
  if (path.extension() != ".json" || !fs::exists(path))
    throw std::invalid_argument(fmt::format("no suite {}; there are {}, or name a .json file",
                                            quote_for_display(name_or_file),
                                            fmt::join(known, ", ")));
  return parse_suite(parse_json(content_of(path), path.string()), path.string());
}

std::vector<Cell> expand(const Suite& suite, const Host& host, const Selection& selection) {
  for (const std::string& name : selection.engines) host.engine(name);
  for (const std::string& name : selection.workloads) host.workload(name);
  std::vector<Cell> cells;
  std::set<std::string> ids;
  for (const Suite::Entry& entry : suite.entries) {
    const std::size_t before = cells.size();
    expand_entry(entry, host, selection, cells);
    for (std::size_t i = before; i < cells.size(); ++i)
      if (!ids.insert(cells[i].id()).second)
        throw std::invalid_argument(
            fmt::format("{}: there is a cell {} already; give one of them a variant", entry.where,
                        cells[i].id()));
    if (cells.size() > max_cells)
      throw std::invalid_argument(
          fmt::format("{}: that makes more than {} cells", entry.where, max_cells));
  }
  if (cells.empty())
    throw std::invalid_argument(
        fmt::format("suite {} has no cell for these engines and workloads", suite.name));
  return cells;
}

Duration estimate(const Cell& cell) {
  using std::chrono::microseconds;
  // Starting, probing, reading /proc and stopping; per connection: making and ending it, and its
  // process where there is one.
  constexpr auto each = microseconds(60'000), each_connection = microseconds(400);
  const Duration connecting = each_connection * cell.connections;
  return cell.role == Role::serve ? each + connecting + cell.options.warmup + cell.options.window
                                  : each + connecting + microseconds(60'000);
}

}  // namespace contend
