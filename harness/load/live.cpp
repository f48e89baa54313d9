// The live view.
#include "harness/load/live.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "harness/base/table.hpp"
#include "harness/load/report.hpp"

namespace contend::load {
namespace {

constexpr std::size_t time_line_seconds = 60;
constexpr int seconds_between_lines = 10;

double percent_of_a_second(std::chrono::nanoseconds time) {
  return 100 * std::chrono::duration<double>(time).count();
}

}  // namespace

std::string time_line(const std::vector<std::uint64_t>& values) {
  constexpr std::string_view heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::uint64_t most = values.empty() ? 0 : std::ranges::max(values);
  std::string line;
  for (const std::uint64_t value : values)
    line += heights[most == 0 ? 0 : value * (std::size(heights) - 1) / most];
  return line;
}

Live::Live(const RunSpec& spec) : spec_(spec), rewrites_(isatty(STDERR_FILENO) != 0) {}

Live::~Live() {
  rewrite("");
}

void Live::operator()(const Progress& progress) {
  const Row& row = progress.row;
  const std::string line = progress_line(spec_, progress);
  const auto seconds = std::chrono::round<std::chrono::seconds>(row.end).count();
  if (!rewrites_) {
    if (seconds % seconds_between_lines == 0) fmt::print(stderr, "{}\n", line);
    return;
  }
  rates_.push_back(row.counts.answered);
  if (rates_.size() > time_line_seconds) rates_.erase(rates_.begin());
  std::string offered;
  if (spec_.schedule) offered = fmt::format("  offered {}/s", count_text(row.offered));
  std::string cpu = fmt::format("client CPU {:.0f} %", percent_of_a_second(row.client_cpu));
  if (row.server_cpu)
    cpu += fmt::format("  server CPU {:.0f} %", percent_of_a_second(*row.server_cpu));
  rewrite(fmt::format("{}\n{}{}  {}\n", line, time_line(rates_), offered, cpu));
}

/// Goes up by what it has shown, clears from there on (ECMA-48: CUU, ED) and writes.
void Live::rewrite(const std::string& lines) {
  if (!rewrites_) return;
  if (shown_lines_ > 0) fmt::print(stderr, "\x1b[{}A\x1b[J", shown_lines_);
  fmt::print(stderr, "{}", lines);
  shown_lines_ = static_cast<int>(std::ranges::count(lines, '\n'));
}

}  // namespace contend::load
