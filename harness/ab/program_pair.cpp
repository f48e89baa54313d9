// Two programs that list by name what they can do.
#include "harness/ab/program_pair.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "harness/ab/benchmark_report.hpp"
#include "harness/base/json.hpp"

namespace contend::ab {
namespace {

bool has(const std::vector<Listed>& list, const std::string& name) {
  return std::ranges::find(list, name, &Listed::name) != list.end();
}

/// What both list, in the base's order.
std::vector<Listed> common_of(const ProgramPair& pair, std::vector<std::string>& left_out) {
  std::vector<Listed> common;
  for (const Listed& one : pair.of_base) {
    if (has(pair.of_head, one.name))
      common.push_back(one);
    else
      left_out.push_back(one.name + ": only the base has it");
  }
  for (const Listed& one : pair.of_head)
    if (!has(pair.of_base, one.name)) left_out.push_back(one.name + ": only the head has it");
  if (common.empty())
    throw std::invalid_argument(
        fmt::format("{} and {} have none of the same name", pair.base.name, pair.head.name));
  return common;
}

std::vector<std::string> names_of(const std::vector<Listed>& list) {
  std::vector<std::string> names;
  for (const Listed& one : list) names.push_back(one.name);
  return names;
}

void check_wanted(const std::vector<std::string>& wanted, const std::vector<std::string>& names,
                  const std::vector<std::string>& fitting) {
  for (const std::string& one : wanted)
    if (std::ranges::find(names, one) == names.end() &&
        std::ranges::find(fitting, one) == fitting.end())
      throw std::invalid_argument(fmt::format("nothing called {} is in both; there are {}",
                                              quote_for_display(one), fmt::join(fitting, ", ")));
}

MeasuredSide measured_side(const Side& side, const ProgramPair& pair) {
  return {.side = side,
          .host = {.engines = {{.name = pair.engine,
                                .summary = pair.summary,
                                .roles = {Role::run},
                                .unavailable = {},
                                .command = side.command}},
                   .workloads = {}},
          .cells = {}};
}

}  // namespace

Side program_side(const Setting& setting, const std::string& path, const std::string& name) {
  if (access(path.c_str(), X_OK) != 0)
    throw std::invalid_argument(
        fmt::format("no program {}: build it, or name another one", quote_for_display(path)));
  return {.name = name.empty() ? path : name,
          .command = {path},
          .sha256 = sha256_of(setting.guard, path, setting.stop)};
}

Subject pair_up(const ProgramPair& pair, const std::vector<std::string>& wanted,
                std::vector<std::string>& names) {
  Subject subject{.suite = pair.suite};
  subject.base = measured_side(pair.base, pair);
  subject.head = measured_side(pair.head, pair);
  const std::vector<Listed> common = common_of(pair, subject.left_out);
  const std::vector<std::string> fitting = fitting_names(names_of(common));
  check_wanted(wanted, names_of(common), fitting);
  const auto is_wanted = [&](const std::string& name) {
    return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
  };
  for (std::size_t i = 0; i < common.size(); ++i) {
    if (!is_wanted(common[i].name) && !is_wanted(fitting[i])) continue;
    names.push_back(common[i].name);
    Cell cell{.engine = pair.engine,
              .workload = fitting[i],
              .role = Role::run,
              .connections = 0,
              .options = {}};
    cell.options.warmup = {};
    if (pair.window > Duration{}) cell.options.window = pair.window;
    subject.cells.push_back(
        {.id = cell.id(), .metrics = {pair.metrics.begin(), pair.metrics.end()}});
    for (MeasuredSide* const side : {&subject.base, &subject.head}) {
      side->host.workloads.push_back({.name = cell.workload,
                                      .summary = common[i].summary,
                                      .role = Role::run,
                                      .kinds = {},
                                      .parameters = {}});
      side->cells.push_back(cell);
    }
  }
  return subject;
}

}  // namespace contend::ab
