// The list of workloads: a new one is a file of its own and a line here.
#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "workloads/number.hpp"
#include "workloads/workload.hpp"

namespace contend {

// One line a workload, in the order in which they are listed and charted.
// clang-format off
#define CONTEND_WORKLOADS(workload) \
  workload(echo_workload) \
  workload(http_workload) \
  workload(mixed_workload) \
  workload(fetch_workload) \
  workload(fib_workload) \
  workload(counter_workload) \
  workload(sleep_workload) \
  workload(ticker_workload) \
  workload(blocked_workload) \
  workload(executor_lesson) \
  workload(blocking_client_lesson) \
  workload(cancel_lesson) \
  workload(timeout_lesson) \
  workload(shield_lesson) \
  workload(debug_lesson)
// clang-format on

#define DECLARE(workload) extern const Workload workload;
CONTEND_WORKLOADS(DECLARE)
#undef DECLARE

std::span<const Workload> workloads() {
#define LIST(workload) workload,
  static const std::vector<Workload> all{CONTEND_WORKLOADS(LIST)};
#undef LIST
  return all;
}

const Workload& find_workload(std::string_view name) {
  const auto found = std::ranges::find(workloads(), name, &Workload::name);
  if (found != workloads().end()) return *found;
  std::vector<std::string_view> known;
  for (const Workload& workload : workloads()) known.push_back(workload.name);
  throw std::invalid_argument(
      fmt::format("no workload '{}'; there are {}", name, fmt::join(known, ", ")));
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::serve: return "serve";
    case Role::drive: return "drive";
    case Role::run: return "run";
    case Role::lesson: return "lesson";
  }
  return "unknown";
}

std::string_view to_string(ReplyError error) {
  static constexpr std::array<std::string_view, reply_error_count> names{
      "refused", "reset", "timed_out", "closed_early", "wrong_status", "wrong_body", "malformed"};
  return names.at(static_cast<std::size_t>(error));
}

std::map<std::string, std::int64_t> Parameters::parse(std::span<const std::string> settings) {
  std::map<std::string, std::int64_t> given;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    const auto value =
        equals == std::string::npos
            ? std::nullopt
            : parse_number<std::int64_t>(std::string_view(setting).substr(equals + 1));
    if (!value)
      throw std::invalid_argument(
          fmt::format("a parameter is NAME=INTEGER, of 64 bits at most, not {:?}", setting));
    given[setting.substr(0, equals)] = *value;
  }
  return given;
}

Parameters::Parameters(std::span<const ParameterSpec> specs,
                       const std::map<std::string, std::int64_t>& given) {
  for (const ParameterSpec& spec : specs) values_.emplace(spec.name, spec.fallback);
  for (const auto& [name, value] : given) {
    const auto spec = std::ranges::find(specs, std::string_view(name), &ParameterSpec::name);
    if (spec == specs.end()) {
      std::vector<std::string_view> known;
      for (const ParameterSpec& one : specs) known.push_back(one.name);
      throw std::invalid_argument(
          fmt::format("no parameter '{}' here; there are {}", name, fmt::join(known, ", ")));
    }
    if (value < spec->minimum || value > spec->maximum)
      throw std::invalid_argument(fmt::format("parameter {} is {}, outside {} to {}", name, value,
                                              spec->minimum, spec->maximum));
    values_.insert_or_assign(name, value);
  }
}

std::int64_t Parameters::operator[](std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::out_of_range(fmt::format("no parameter '{}'", name));
  return found->second;
}

}  // namespace contend
