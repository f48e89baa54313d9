// The rounds of a run: every cell once a round, in a fresh random order, each sample kept as soon
// as it is there. It measures nothing itself.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engines/stop.hpp"
#include "harness/bench/progress.hpp"
#include "harness/bench/result_folder.hpp"

namespace contend {

/// The order of the cells in a round; the same everywhere for the same seed.
std::vector<std::size_t> order_of_round(std::uint64_t seed, unsigned round, std::size_t cells);

/// Measures one cell once; its round and order are filled in afterwards. May throw Interrupted.
using Measure = std::function<Sample(const Cell&)>;
/// How much of the CPU time others took since the run began.
using NoiseSoFar = std::function<Noise()>;

/// `result` comes with its cells, and with the samples that are there already.
class Runner {
 public:
  /// All references are borrowed.
  Runner(ResultFolder& folder, Result& result, Progress& progress, Measure measure,
         NoiseSoFar noise);
  /// Measures what is missing. `result` is on disk when it returns or throws; after Interrupted it
  /// is not complete, and can be gone on with.
  void run();

 private:
  void run_round(unsigned round);
  void save(bool finished);

  ResultFolder& folder_;
  Result& result_;
  Progress& progress_;
  Measure measure_;
  NoiseSoFar noise_;
  std::vector<Cell> cells_;
  std::set<std::pair<unsigned, std::string>> measured_;
};

}  // namespace contend
