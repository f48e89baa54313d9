// The rounds of a run.
#include "harness/bench/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/base/random.hpp"
#include "harness/process/child.hpp"

namespace contend {

std::vector<std::size_t> order_of_round(std::uint64_t seed, unsigned round, std::size_t cells) {
  // A generator of its own for each round, so that a run which is gone on with has the same order.
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                         static_cast<std::uint32_t>(round)};
  std::mt19937_64 generator(sequence);
  std::vector<std::size_t> order(cells);
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(std::span(order), generator);
  return order;
}

Runner::Runner(ResultFolder& folder, Result& result, Progress& progress, Measure measure,
               NoiseSoFar noise)
    : folder_(folder),
      result_(result),
      progress_(progress),
      measure_(std::move(measure)),
      noise_(std::move(noise)) {
  for (const CellResult& cell : result_.cells) cells_.push_back(cell.cell);
  for (const Sample& sample : result_.samples) measured_.emplace(sample.round, sample.cell);
}

void Runner::run() {
  if (result_.run.complete) return;
  save(false);
  try {
    while (result_.run.rounds_finished < result_.run.rounds) {
      run_round(result_.run.rounds_finished);
      result_.run.rounds_finished += 1;
      save(result_.run.rounds_finished == result_.run.rounds);
    }
  } catch (...) {
    save(false);
    throw;
  }
}

void Runner::run_round(unsigned round) {
  unsigned order = 0;
  for (const std::size_t index : order_of_round(result_.run.seed, round, cells_.size())) {
    const Cell& cell = cells_[index];
    const unsigned place = order++;
    if (measured_.contains({round, cell.id()})) continue;
    progress_.begin(round, index);
    Sample sample = measure_(cell);
    sample.round = round;
    sample.order = place;
    folder_.append(sample);
    progress_.end(index, sample);
    result_.samples.push_back(std::move(sample));
  }
}

void Runner::save(bool finished) {
  result_.run.complete = finished;
  if (finished) result_.run.finished_at = time_of_day();
  result_.noise = noise_();
  result_.cells = aggregate(cells_, result_.samples);
  folder_.write(result_);
}

}  // namespace contend
