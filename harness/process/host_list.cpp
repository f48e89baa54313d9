// What can be measured.
#include "harness/process/host_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/process/child.hpp"

namespace contend {
namespace {

using nlohmann::json;

constexpr Duration list_within = std::chrono::seconds(10);

template <typename Listed>
const Listed& find(const std::vector<Listed>& all, std::string_view name, std::string_view what) {
  const auto found = std::ranges::find(all, name, &Listed::name);
  if (found != all.end()) return *found;
  std::vector<std::string_view> known;
  for (const Listed& one : all) known.push_back(one.name);
  throw std::invalid_argument(
      fmt::format("no {} {}; there are {}", what, quote_for_display(name), fmt::join(known, ", ")));
}

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz",
                           letters_and_digits =
                               "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool begins_and_goes_on(std::string_view text, std::string_view first, std::string_view others) {
  return !text.empty() && first.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(std::string(first).append(others)) == std::string_view::npos;
}

/// Returns a name that results/schema.json allows ("name"): no reader takes a result with another
/// one, and that has to be known before anything is measured.
std::string listed_name(Fields& fields) {
  std::string name = fields.string("name");
  if (!begins_and_goes_on(name, letters_and_digits, "_.-"))
    fields.refuse("name", fmt::format("must be of letters, digits, _, . and - and begin with a "
                                      "letter or digit, not {}",
                                      quote_for_display(name)));
  return name;
}

/// Returns the kinds of requests. Names of metrics begin with them, and the schema restricts those
/// further ("metric_name").
std::vector<std::string> listed_kinds(Fields& fields) {
  std::vector<std::string> kinds = fields.strings("kinds");
  for (const std::string& kind : kinds)
    if (!begins_and_goes_on(kind, lower, "0123456789_"))
      fields.refuse("kinds",
                    fmt::format("must be of a-z, 0-9 and _ and begin with a letter, not {}",
                                quote_for_display(kind)));
  return kinds;
}

Role role_of(const Fields& fields, std::string_view name, std::string_view said) {
  for (const Role role : all_roles)
    if (said == to_string(role)) return role;
  fields.refuse(name,
                fmt::format("must be one of {}, not {}", role_names(), quote_for_display(said)));
}

HostEngine parse_host_engine(const json& listing, const std::string& where,
                             const std::vector<std::string>& command) {
  Fields fields(listing, where);
  HostEngine engine{.name = listed_name(fields),
                    .summary = fields.string("summary"),
                    .charted = fields.boolean("charted"),
                    .scales = fields.boolean("scales"),
                    .spins = fields.boolean("spins"),
                    .delays = fields.boolean("delays"),
                    .roles = {},
                    .unavailable = fields.nullable_string("unavailable"),
                    .command = command,
                    .manifest = "",
                    .played = {}};
  for (const std::string& role : fields.strings("roles"))
    engine.roles.push_back(role_of(fields, "roles", role));
  if (engine.unavailable == "") fields.refuse("unavailable", "must be a reason or null, not empty");
  return engine;
}

HostWorkload parse_host_workload(const json& listing, const std::string& where) {
  Fields fields(listing, where);
  HostWorkload workload{.name = listed_name(fields),
                        .summary = fields.string("summary"),
                        .role = role_in(fields, "role"),
                        .kinds = listed_kinds(fields),
                        .parameters = {}};
  fields.each("parameters", [&](const json& parameter, const std::string& parameter_where) {
    Fields spec(parameter, parameter_where);
    workload.parameters.push_back({.name = listed_name(spec),
                                   .meaning = spec.string("meaning"),
                                   .fallback = spec.integer("default"),
                                   .minimum = spec.integer("minimum"),
                                   .maximum = spec.integer("maximum")});
  });
  return workload;
}

}  // namespace

bool HostEngine::plays(Role role, const std::string& workload) const {
  return outside() ? played.contains({role, workload})
                   : std::ranges::find(roles, role) != roles.end();
}

std::map<std::string, std::int64_t> HostWorkload::complete(
    const std::map<std::string, std::int64_t>& given, const std::string& where) const {
  std::map<std::string, std::int64_t> all;
  std::vector<std::string_view> known;
  for (const HostParameter& spec : parameters) {
    all.emplace(spec.name, spec.fallback);
    known.push_back(spec.name);
  }
  for (const auto& [parameter, value] : given) {
    const auto spec = std::ranges::find(parameters, parameter, &HostParameter::name);
    if (spec == parameters.end())
      throw std::invalid_argument(fmt::format("{}.parameters: {} has no parameter {}; there are {}",
                                              where, name, quote_for_display(parameter),
                                              fmt::join(known, ", ")));
    if (value < spec->minimum || value > spec->maximum)
      throw std::invalid_argument(fmt::format("{}.parameters.{}: must be from {} to {}, not {}",
                                              where, parameter, spec->minimum, spec->maximum,
                                              value));
    all[parameter] = value;
  }
  return all;
}

const HostEngine& Host::engine(std::string_view name) const {
  return find(engines, name, "engine");
}

const HostWorkload& Host::workload(std::string_view name) const {
  return find(workloads, name, "workload");
}

Host parse_host(const json& listing, const std::vector<std::string>& command) {
  Host host;
  Fields fields(listing, fmt::format("{} list", fmt::join(command, " ")));
  fields.each("engines", [&](const json& engine, const std::string& where) {
    host.engines.push_back(parse_host_engine(engine, where, command));
  });
  fields.each("workloads", [&](const json& workload, const std::string& where) {
    host.workloads.push_back(parse_host_workload(workload, where));
  });
  return host;
}

json ask_listing(const Guard& guard, const std::vector<std::string>& command,
                 const StopToken& stop) {
  std::vector<std::string> arguments = command;
  arguments.emplace_back("list");
  Child child(guard, {.arguments = arguments});
  const auto deadline = Clock::now() + list_within;
  json listing = child.read(deadline, {}, stop);
  if (!child.wait(deadline).clean()) child.throw_ended("was done listing");
  return listing;
}

Host ask_host(const Guard& guard, const std::vector<std::string>& command, const StopToken& stop) {
  return parse_host(ask_listing(guard, command, stop), command);
}

std::string role_names() {
  std::vector<std::string_view> names;
  for (const Role role : all_roles) names.push_back(to_string(role));
  return fmt::format("{}", fmt::join(names, ", "));
}

Role role_in(Fields& fields, std::string_view name) {
  return role_of(fields, name, fields.string(name));
}

}  // namespace contend
