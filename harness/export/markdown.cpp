// A summary in GitHub Flavored Markdown, below 64 KB however large the result is: the verdict, what
// regressed or failed, then a table as far as there is room.
//   contend export results/latest --format markdown
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/table.hpp"
#include "harness/base/text.hpp"
#include "harness/bench/result_table.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"

namespace contend::exports {
namespace {

/// What a comment on GitHub may hold is 65,536 characters; of bytes there are not fewer. A third is
/// for the list, so that there is always a table.
constexpr std::size_t max_bytes = 64'000, max_list_bytes = max_bytes / 3;
/// Of names and of reasons, before they are escaped, which may make them six times as long.
constexpr std::size_t max_cell_name_length = 160, max_reason_length = 400;

std::string code(std::string_view name) {
  return markdown_code(limited(name, max_cell_name_length));
}

std::string words(std::string_view text) {
  return markdown_text(limited(text, max_reason_length));
}

/// The text so far and its lines; what has no room any more is counted instead.
class Summary {
 public:
  void say(const std::string& text) { text_ += text + "\n"; }

  /// Lines in the order of their importance, up to `most` bytes of the whole text.
  void lines(const std::vector<std::string>& lines, std::size_t most, std::string_view of_what) {
    std::size_t shown = 0;
    for (; shown < lines.size() && text_.size() + lines[shown].size() + reserve <= most; ++shown)
      text_ += lines[shown] + "\n";
    if (shown < lines.size())
      text_ += fmt::format("\n{} more {} have no room here; the result has all.\n",
                           lines.size() - shown, of_what);
  }
  std::string text() const { return text_; }

 private:
  static constexpr std::size_t reserve = 100;  // for the line of what has no room
  std::string text_;
};

std::string row(const std::vector<std::string>& fields) {
  return fmt::format("| {} |", fmt::join(fields, " | "));
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string heading_of(const ab::AbResult& result) {
  const std::size_t all = result.comparisons.size();
  const ab::Verdict verdict = result.verdict();
  const std::string of_all =
      fmt::format("{} of {}", result.count(verdict), counted(all, "comparison"));
  switch (verdict) {
    case ab::Verdict::regressed: return fmt::format("## Regressed: {}", of_all);
    case ab::Verdict::invalid:
      return all == 0 ? "## Invalid: nothing was compared" : fmt::format("## Invalid: {}", of_all);
    case ab::Verdict::inconclusive: return fmt::format("## Inconclusive: {}", of_all);
    case ab::Verdict::improved: return fmt::format("## Improved: {}, nothing regressed", of_all);
    case ab::Verdict::unchanged: break;
  }
  return fmt::format("## Unchanged: all of {}", counted(all, "comparison"));
}

std::string circumstances_of(const ab::AbResult& result) {
  std::vector<std::string> counts;
  for (const ab::Verdict verdict : ab::all_verdicts)
    if (result.count(verdict) > 0)
      counts.push_back(fmt::format("{} {}", result.count(verdict), to_string(verdict)));
  return fmt::format(
      "{} against {}, suite {}, {}{}: {}.", code(result.head.name), code(result.base.name),
      code(result.run.suite),
      result.run.interleaved ? "measured in turns" : "measured at different times",
      result.run.complete ? "" : ", **not complete**",
      counts.empty() ? "no comparisons" : fmt::format("{}", fmt::join(counts, ", ")));
}

std::string interval_text(const std::optional<ab::Ratio>& ratio) {
  if (!ratio || !ratio->low || !ratio->high) return "";
  return fmt::format("{} to {}", change_text(*ratio->low), change_text(*ratio->high));
}

std::vector<const ab::Comparison*> by_verdict(const ab::AbResult& result) {
  std::vector<const ab::Comparison*> order;
  for (const ab::Comparison& comparison : result.comparisons) order.push_back(&comparison);
  std::ranges::stable_sort(order, {}, [](const ab::Comparison* one) {
    return std::ranges::find(ab::all_verdicts, one->verdict) - std::begin(ab::all_verdicts);
  });
  return order;
}

void write_comparison(const ab::AbResult& result, Summary& to) {
  to.say(heading_of(result) + "\n");
  to.say(circumstances_of(result) + "\n");
  std::vector<std::string> regressed, rows;
  for (const ab::Comparison* const one : by_verdict(result)) {
    if (one->verdict == ab::Verdict::regressed)
      regressed.push_back(fmt::format("- {} {}: {}", code(one->cell), code(one->metric),
                                      words(finding(*one, result.run.confidence))));
    const auto median = [&](const std::optional<double>& value) {
      return value ? metric_text(one->metric, *value) : std::string();
    };
    const bool bad = one->verdict == ab::Verdict::regressed;
    rows.push_back(row({code(one->cell), code(one->metric),
                        fmt::format("{0}{1}{0}", bad ? "**" : "", to_string(one->verdict)),
                        one->ratio ? change_text(one->ratio->estimate) : std::string(),
                        interval_text(one->ratio), median(one->base), median(one->head),
                        words(one->reason.value_or(""))}));
  }
  if (!regressed.empty()) {
    to.say("### What regressed\n");
    to.lines(regressed, max_list_bytes, "regressions");
    to.say("");
  }
  if (rows.empty()) return;
  to.say("Change of cost, head by base: above 0 the head is worse, whatever the metric.\n");
  to.say("| cell | metric | verdict | change | interval | base | head | reason |");
  to.say("|---|---|---|---:|---:|---:|---:|---|");
  to.lines(rows, max_bytes, "comparisons");
}

std::string heading_of(const Result& result) {
  const auto bad = std::ranges::count_if(
      result.cells, [](const CellResult& cell) { return cell.failed_samples > 0; });
  const std::string all = counted(result.cells.size(), "cell");
  if (bad > 0) return fmt::format("## Failed: samples of {} of {}", bad, all);
  return fmt::format("## Measured: {}", all);
}

void write_result(const Result& result, Summary& to) {
  to.say(heading_of(result) + "\n");
  to.say(fmt::format("Suite {}, revision {}, {} of {}{}.\n", code(result.run.suite),
                     code(result.build.revision), result.run.rounds_finished,
                     counted(result.run.rounds, "round"),
                     result.run.complete ? "" : ", **not complete**"));
  std::vector<std::string> failed, rows;
  for (const CellResult& cell : result.cells) {
    const std::string id = cell.cell.id();
    if (cell.failed_samples > 0)
      failed.push_back(fmt::format("- {}: {}", code(id), words(notes_of(cell))));
    const auto metric = [&](const char* name) {
      const auto found = cell.metrics.find(name);
      return found == cell.metrics.end() ? std::string() : metric_text(name, found->second.median);
    };
    const Histogram latency = merged_latency(cell.cell, result.samples);
    const auto percentile = [&](double which) {
      return latency.count() == 0
                 ? std::string()
                 : duration_text(static_cast<double>(latency.value_at(which).count()));
    };
    rows.push_back(row({code(id), metric("throughput_per_s"), percentile(50), percentile(99),
                        metric("cpu_ns_per_operation"), words(notes_of(cell))}));
  }
  if (!failed.empty()) {
    to.say("### What failed\n");
    to.lines(failed, max_list_bytes, "cells");
    to.say("");
  }
  if (rows.empty()) return;
  to.say("| cell | throughput | p50 | p99 | CPU | notes |");
  to.say("|---|---:|---:|---:|---:|---|");
  to.lines(rows, max_bytes, "cells");
}

std::vector<std::string> write_markdown(std::span<const Source> sources,
                                        const Choices& /*choices*/) {
  const Source& source = sources.front();
  Summary summary;
  if (source.result() != nullptr)
    write_result(*source.result(), summary);
  else
    write_comparison(*source.comparison(), summary);
  return {summary.text()};
}

}  // namespace

extern const Format markdown_format;
const Format markdown_format{
    .name = "markdown",
    .summary =
        "a summary below 64 KB, verdict first; appended to $GITHUB_STEP_SUMMARY where that is "
        "set and there is no --out",
    .appended_to = "GITHUB_STEP_SUMMARY",
    .write = write_markdown};

}  // namespace contend::exports
