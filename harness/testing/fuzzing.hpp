// For the fuzz targets of the harness: a strict reader either refuses its input or accepts it, and
// what it accepts can be written and read again without a change. For fuzz targets alone.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "harness/base/json.hpp"
#include "workloads/json_text.hpp"

namespace contend::fuzzing {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the fuzzer with a finding if `holds` is false.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// Returns what `read()` returns, or null if it refuses by std::invalid_argument. Any other
/// exception passes through and is a finding.
template <typename Read>
auto accepted(Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

/// Requires that `parse(json)` of what `to_json` writes of `value` gives the same JSON again.
template <typename Value, typename Parse>
void require_round_trip(const Value& value, Parse parse) {
  const nlohmann::json written = to_json(value);
  const auto again = accepted([&] { return parse(parse_json(json_text(written), "again")); });
  require(again && to_json(*again) == written, "what was accepted is not read again as it was");
}

}  // namespace contend::fuzzing
