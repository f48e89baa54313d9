// A comparison of two sides for people.
#include "harness/ab/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "harness/base/table.hpp"
#include "harness/base/text.hpp"

namespace contend::ab {
namespace {

constexpr const char* plain = "\x1b[0m";
constexpr std::string_view blind_spots =
    "Instructions of the programs themselves: blind to the kernel, to caches and to waiting.\n";

const char* colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::regressed: return "\x1b[1;31m";
    case Verdict::invalid: return "\x1b[35m";
    case Verdict::inconclusive: return "\x1b[33m";
    case Verdict::improved: return "\x1b[1;32m";
    case Verdict::unchanged: return "";
  }
  return "";
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return result;
}

std::string interval_text(const std::optional<Ratio>& ratio) {
  if (!ratio || !ratio->low || !ratio->high) return std::string(nothing);
  return fmt::format("{:+.1f}..{:+.1f} %", (*ratio->low - 1) * 100, (*ratio->high - 1) * 100);
}

std::vector<std::string> row_of(const Comparison& comparison) {
  const auto value = [&](std::optional<double> given) {
    return given ? metric_text(comparison.metric, *given) : std::string(nothing);
  };
  std::vector<std::string> notes;
  if (comparison.confirmed) notes.emplace_back("judged by fresh slices");
  if (comparison.reason) notes.push_back(*comparison.reason);
  return {upper(to_string(comparison.verdict)),
          comparison.cell,
          comparison.metric,
          value(comparison.base),
          value(comparison.head),
          comparison.ratio ? change_text(comparison.ratio->estimate) : std::string(nothing),
          interval_text(comparison.ratio),
          std::to_string(comparison.pairs),
          fmt::format("{}", fmt::join(notes, "; "))};
}

/// Whether it is the first of a cell whose comparisons are all invalid for the same reason: then
/// one line says so for all.
bool stands_for_all(const AbResult& result, const Comparison& comparison, std::size_t& count) {
  count = 0;
  const Comparison* first = nullptr;
  for (const Comparison& other : result.comparisons) {
    if (other.cell != comparison.cell) continue;
    if (first == nullptr) first = &other;
    if (other.verdict != Verdict::invalid || other.reason != first->reason) return false;
    count += 1;
  }
  return count > 1;
}

/// The first and the last column of `aligned` are to the left, and so should these be.
void pad_to_the_left(std::vector<std::vector<std::string>>& rows, std::size_t column) {
  std::size_t width = 0;
  for (auto& row : rows) {
    row[column] = terminal_text(row[column]);
    width = std::max(width, row[column].size());
  }
  for (auto& row : rows) row[column].resize(width, ' ');
}

}  // namespace

std::string counts_text(const AbResult& result) {
  std::vector<std::string> counts;
  for (const Verdict verdict : all_verdicts)
    if (const std::size_t count = result.count(verdict); count > 0)
      counts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  return counts.empty() ? "nothing was compared" : fmt::format("{}", fmt::join(counts, ", "));
}

std::string text_of(const AbResult& result, bool colour) {
  std::vector<std::vector<std::string>> rows{
      {"verdict", "cell", "metric", "base", "head", "cost", "interval", "pairs", "notes"}};
  std::vector<Verdict> verdicts{Verdict::unchanged};
  for (const Verdict verdict : all_verdicts) {
    for (const Comparison& comparison : result.comparisons) {
      if (comparison.verdict != verdict) continue;
      std::size_t count = 0;
      const bool for_all = stands_for_all(result, comparison, count);
      if (for_all && rows.back()[1] == comparison.cell) continue;
      rows.push_back(row_of(comparison));
      verdicts.push_back(verdict);
      if (!for_all) continue;
      rows.back()[2] = fmt::format("all {}", count);
      for (const std::size_t column : {3U, 4U, 5U, 6U}) rows.back()[column] = std::string(nothing);
    }
  }
  for (const std::size_t column : {1U, 2U}) pad_to_the_left(rows, column);
  std::string text;
  std::size_t line = 0;
  const std::string all = aligned(rows);
  for (std::string_view left = all, row; !left.empty(); ++line) {
    const std::size_t end = left.find('\n');
    row = left.substr(0, end);
    left.remove_prefix(end + 1);
    const std::string_view begin = colour ? colour_of(verdicts[line]) : "";
    text += fmt::format("{}{}{}\n", begin, row, begin.empty() ? "" : plain);
  }
  const Verdict verdict = result.verdict();
  text += fmt::format(
      "\n{}{}{}: {}.\nCost of {} by that of {}, of slices that were neighbours in time: "
      "above 0 % it is worse.\n",
      colour ? colour_of(verdict) : "", upper(to_string(verdict)), colour ? plain : "",
      counts_text(result), terminal_text(result.head.name), terminal_text(result.base.name));
  const auto is_counted = [](const Comparison& one) { return one.metric == "instructions"; };
  if (std::ranges::any_of(result.comparisons, is_counted)) text += blind_spots;
  return text;
}

}  // namespace contend::ab
