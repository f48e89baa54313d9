// The live line of a comparison.
#include "harness/ab/progress.hpp"

#include <fmt/format.h>

#include "harness/base/text.hpp"
#include "harness/bench/progress.hpp"

namespace contend::ab {

void AbProgress::announce(const AbRun& run, const Side& base, const Side& head,
                          const std::filesystem::path& folder) const {
  std::size_t comparisons = 0;
  for (const ScreenedCell& cell : cells_) comparisons += cell.metrics.size();
  if (line_.stream() == nullptr) return;
  fmt::print(line_.stream(), "{}: {} by {}, {} cells, {} comparisons, seed {}{}; into {}\n",
             terminal_text(run.suite), terminal_text(head.name), terminal_text(base.name),
             cells_.size(), comparisons, run.seed,
             run.budget == Duration{} ? "" : "; at most " + contend::text_of(run.budget),
             folder.string());
}

void AbProgress::count(std::size_t done, std::size_t all, std::size_t cell) {
  line_.show(fmt::format("counting  {} of {} done  {}", done, all, cells_[cell].id));
}

void AbProgress::show(Slices::Stage stage, std::size_t cell, Duration left) {
  blocks_ += 1;
  line_.show(fmt::format("{}  block {}  at most {} left  {}",
                         stage == Slices::Stage::screen ? "screen" : "again, what is in doubt",
                         blocks_, contend::text_of(left), cells_[cell].id));
}

}  // namespace contend::ab
