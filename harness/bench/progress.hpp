// The live line of a suite's run: where it is and how long it will take.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "harness/base/live_line.hpp"
#include "harness/bench/sample.hpp"
#include "harness/bench/suite.hpp"

namespace contend {

/// "1:02:03", "4:05" or "7 s"; rounded up to a second.
std::string text_of(Duration duration);

class Progress {
 public:
  /// `samples_left` is, by cell, how many are still to be measured. Writes to `stream`, which may
  /// be null: then it is silent.
  Progress(const std::vector<Cell>& cells, const std::vector<unsigned>& samples_left,
           unsigned rounds, std::FILE* stream);
  void begin(unsigned round, std::size_t cell);
  void end(std::size_t cell, const Sample& sample);

  /// What is left, by how long each cell took before, or by the estimate where it has not been
  /// measured yet.
  Duration left() const;

 private:
  struct Expected {
    std::string id;
    Duration each{};
    unsigned left = 0;
  };

  std::vector<Expected> cells_;
  std::size_t samples_ = 0, done_ = 0, failed_ = 0;
  unsigned rounds_;
  LiveLine line_;
  TimePoint began_{};
};

}  // namespace contend
