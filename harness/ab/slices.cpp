// The slices of both sides.
#include "harness/ab/slices.hpp"

#include <algorithm>

#include "harness/bench/runner.hpp"
#include "harness/stats/combination.hpp"

namespace contend::ab {
namespace {

Evidence of_both_stages(const Evidence& before, Evidence after, Evidence whole) {
  const Comparison &first = before.comparison, &second = after.comparison;
  const auto p_regressed = second.p_regressed, p_improved = second.p_improved;
  const bool has_both = first.verdict != Verdict::invalid && second.verdict != Verdict::invalid;
  const bool suspect = is_suspect(before);
  Evidence evidence = std::move(suspect ? after : whole);
  evidence.comparison.confirmed = suspect;
  if (has_both) {
    evidence.comparison.p_regressed = combined_p(*first.p_regressed, *p_regressed);
    evidence.comparison.p_improved = combined_p(*first.p_improved, *p_improved);
  }
  return evidence;
}

}  // namespace

Slices::Slices(std::vector<ScreenedCell> cells, Plan plan, MeasureSlice measure,
               std::function<TimePoint()> now, Announce announce)
    : cells_(std::move(cells)),
      plan_(std::move(plan)),
      measure_(std::move(measure)),
      now_(std::move(now)),
      announce_(std::move(announce)),
      measured_(cells_.size()) {}

void Slices::run() {
  const TimePoint begin = now_();
  screen(begin + plan_.screen);
  for (Measured& measured : measured_) measured.screened = measured.slices.size();
  confirm(begin + plan_.budget);
}

bool Slices::is_hopeless(std::size_t cell) const {
  const Measured& measured = measured_[cell];
  if (measured.blocks < blocks_to_give_up) return false;
  const auto none_of = [&](Which side) {
    for (std::size_t i = 0; i < measured.slices.size(); ++i)
      if (measured.sides[i] == side && measured.slices[i].status == Sample::Status::ok)
        return false;
    return true;
  };
  return none_of(Which::base) || none_of(Which::head);
}

/// False where there is no time for it left.
bool Slices::run_block(Stage stage, std::size_t cell, TimePoint deadline) {
  if (is_hopeless(cell)) return true;
  Measured& measured = measured_[cell];
  const TimePoint begin = now_();
  if (measured.blocks > 0 && begin + measured.took / measured.blocks > deadline) return false;
  announce_(stage, cell, deadline - begin);
  unsigned place = 0;
  for (const Which side : order_in_block(plan_.seed, cell, measured.blocks)) {
    measured.slices.push_back(measure_(side, cell, measured.blocks, place++));
    measured.sides.push_back(side);
  }
  measured.blocks += 1;
  measured.took += now_() - begin;
  return true;
}

// Every cell gets one block, whatever the time; then whole rounds, as long as another one fits.
void Slices::screen(TimePoint deadline) {
  bool all_hopeless = false;
  for (unsigned round = 0; round == 0 || (now_() < deadline && !all_hopeless); ++round) {
    all_hopeless = true;
    for (const std::size_t cell : order_of_round(plan_.seed, round, cells_.size())) {
      if (!run_block(Stage::screen, cell, deadline)) return;
      all_hopeless = all_hopeless && is_hopeless(cell);
    }
  }
}

void Slices::confirm(TimePoint deadline) {
  std::vector<Screened> screened;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    const Measured& measured = measured_[cell];
    screened.push_back({.evidence = weigh_all(cell, 0, measured.screened),
                        .each_block = measured.took / std::max(1U, measured.blocks)});
  }
  std::vector<unsigned> left = blocks_to_confirm(screened, deadline - now_(), plan_.rules.alpha);
  for (unsigned round = 0; std::ranges::any_of(left, [](unsigned blocks) { return blocks > 0; });
       ++round) {
    for (const std::size_t cell : order_of_round(~plan_.seed, round, cells_.size())) {
      if (left[cell] == 0) continue;
      left[cell] = run_block(Stage::confirmation, cell, deadline) ? left[cell] - 1 : 0;
    }
  }
}

std::vector<Pair> Slices::pairs(std::size_t cell, std::size_t begin, std::size_t end) const {
  const Measured& measured = measured_[cell];
  std::vector<Pair> pairs;
  for (std::size_t i = begin; i + 1 < end; i += 2) {
    const bool base_first = measured.sides[i] == Which::base;
    const Sample &first = measured.slices[i], &second = measured.slices[i + 1];
    pairs.push_back(base_first ? Pair{&first, &second} : Pair{&second, &first});
  }
  return pairs;
}

std::vector<Evidence> Slices::weigh_all(std::size_t cell, std::size_t begin,
                                        std::size_t end) const {
  const std::vector<Pair> all = pairs(cell, begin, end);
  std::vector<Evidence> evidence;
  for (const ComparedMetric& metric : cells_[cell].metrics)
    evidence.push_back(evaluate(cells_[cell].id, metric, all, plan_.rules));
  return evidence;
}

// A suspect's ratio is what was measured after it had become one: it was chosen for what the screen
// said, which would count twice. What was only too wide open has the ratio of all its slices. The
// p-values are of both stages together in any case, by a rule that allows for the choice.
std::vector<Evidence> Slices::evidence() const {
  std::vector<Evidence> all;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    const Measured& measured = measured_[cell];
    const std::size_t count = measured.slices.size();
    const bool has_more = measured.screened > 0 && count > measured.screened;
    std::vector<Evidence> whole = weigh_all(cell, 0, count);
    if (has_more) {
      const std::vector<Evidence> before = weigh_all(cell, 0, measured.screened);
      std::vector<Evidence> after = weigh_all(cell, measured.screened, count);
      for (std::size_t i = 0; i < whole.size(); ++i)
        whole[i] = of_both_stages(before[i], std::move(after[i]), std::move(whole[i]));
    }
    all.insert(all.end(), std::make_move_iterator(whole.begin()),
               std::make_move_iterator(whole.end()));
  }
  classify(all, plan_.rules);
  return all;
}

}  // namespace contend::ab
