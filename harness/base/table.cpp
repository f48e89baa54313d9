// Aligned columns, and numbers in units that fit.
#include "harness/base/table.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "harness/base/text.hpp"

namespace contend {
namespace {

std::string with_commas(std::string_view digits) {
  std::string text;
  for (std::size_t left = digits.size(); left > 0; --left) {
    const bool begins = text.empty() || text == "-";
    if (left % 3 == 0 && !begins) text += ',';
    text += digits[digits.size() - left];
  }
  return text;
}

}  // namespace

std::string aligned(std::vector<std::vector<std::string>> rows) {
  std::vector<std::size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = terminal_text(row[i]);
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool left = i == 0 || i + 1 == row.size();
      if (i > 0) line += "  ";
      line += left ? fmt::format("{:<{}}", row[i], widths[i])
                   : fmt::format("{:>{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string count_text(std::uint64_t count) {
  return with_commas(fmt::format("{}", count));
}

std::string number_text(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return with_commas(fmt::format("{:.0f}", value));
  return size >= 9.995 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string duration_text(double ns) {
  if (ns < 999.5) return fmt::format("{:.0f} ns", ns);
  if (ns < 999.5e3) return fmt::format("{:.3g} us", ns / 1e3);
  if (ns < 999.5e6) return fmt::format("{:.3g} ms", ns / 1e6);
  return fmt::format("{:.2f} s", ns / 1e9);
}

std::string metric_text(std::string_view metric, double value) {
  constexpr double kib = 1024, mib = 1024 * kib;
  const double size = std::abs(value);
  if (metric.ends_with("_ns") || metric.find("_ns_per_") != std::string_view::npos ||
      metric == "ns_per_operation") {
    constexpr double without_decimals = 100;  // an iteration of a micro-benchmark may take less
    return size < without_decimals ? number_text(value) + " ns" : duration_text(value);
  }
  if (metric.ends_with("_per_s")) return number_text(value) + "/s";
  if (!metric.ends_with("_bytes")) return number_text(value);
  if (size < kib) return fmt::format("{:.0f} bytes", value);
  return size < mib ? fmt::format("{:.0f} KiB", value / kib)
                    : fmt::format("{:.2f} MiB", value / mib);
}

std::string change_text(double ratio) {
  return fmt::format("{:+.1f} %", (ratio - 1) * 100);
}

bool wants_colour(std::FILE* stream) {
  const char* const refused = std::getenv("NO_COLOR");
  return isatty(fileno(stream)) != 0 && (refused == nullptr || *refused == '\0');
}

}  // namespace contend
