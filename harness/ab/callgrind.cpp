// The file that valgrind's callgrind writes.
#include "harness/ab/callgrind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "workloads/number.hpp"

namespace contend::ab {
namespace {

constexpr std::string_view first_line = "# callgrind format";

[[noreturn]] void refuse(std::string_view why) {
  throw std::invalid_argument(fmt::format("the profile of callgrind {}", why));
}

/// The one line that begins with `name` and a colon, without these; absent where there is none.
std::optional<std::string_view> value_of(std::string_view profile, std::string_view name) {
  std::optional<std::string_view> found;
  while (!profile.empty()) {
    std::string_view line = profile.substr(0, profile.find('\n'));
    profile.remove_prefix(std::min(line.size() + 1, profile.size()));
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    if (found) refuse(fmt::format("has '{}' twice", name));
    line.remove_prefix(name.size() + 1);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    found = line;
  }
  return found;
}

void expect(std::string_view profile, std::string_view name, std::string_view value) {
  const auto found = value_of(profile, name);
  if (!found) refuse(fmt::format("has no '{}'", name));
  if (*found != value)
    refuse(fmt::format("has {} for '{}', not '{}'", quote_for_display(*found), name, value));
}

std::optional<std::uint64_t> count_of(std::string_view profile, std::string_view name) {
  const auto found = value_of(profile, name);
  if (!found) return std::nullopt;
  const auto count = parse_number<std::uint64_t>(*found);
  if (!count)
    refuse(fmt::format("has {} for '{}', which is no count", quote_for_display(*found), name));
  return count;
}

}  // namespace

std::uint64_t instructions_in(std::string_view profile) {
  if (profile.substr(0, profile.find('\n')) != first_line)
    refuse(fmt::format("does not begin with '{}'", first_line));
  if (!profile.ends_with('\n')) refuse("ends within a line");
  expect(profile, "version", "1");
  expect(profile, "events", "Ir");
  const auto totals = count_of(profile, "totals");
  if (!totals) refuse("has no 'totals', so that it did not come to its end");
  if (*totals == 0) refuse("counted nothing");
  return *totals;
}

}  // namespace contend::ab
