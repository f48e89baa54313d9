// The list of formats: a new one is a file of its own and a line here.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/export/format.hpp"

namespace contend::exports {

// clang-format off
#define CONTEND_FORMATS(format)  \
  format(markdown_format)        \
  format(junit_format)           \
  format(csv_format)             \
  format(github_format)          \
  format(bencher_format)         \
  format(otava_format)           \
  format(google_format)          \
  format(openmetrics_format)
// clang-format on

#define DECLARE(format) extern const Format format;
CONTEND_FORMATS(DECLARE)
#undef DECLARE

std::span<const Format> formats() {
#define LIST(format) format,
  static const std::vector<Format> all{CONTEND_FORMATS(LIST)};
#undef LIST
  return all;
}

const Format& find_format(std::string_view name) {
  const auto found = std::ranges::find(formats(), name, &Format::name);
  if (found != formats().end()) return *found;
  std::vector<std::string_view> known;
  for (const Format& format : formats()) known.push_back(format.name);
  throw std::invalid_argument(
      fmt::format("no format '{}'; there are {}", name, fmt::join(known, ", ")));
}

}  // namespace contend::exports
