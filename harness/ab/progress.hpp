// The live line of a comparison. On a terminal it rewrites itself; in a log it is a line now and
// then.
#pragma once

#include <cstdio>
#include <filesystem>
#include <vector>

#include "harness/ab/slices.hpp"
#include "harness/base/live_line.hpp"

namespace contend::ab {

class AbProgress {
 public:
  /// The cells are borrowed. `stream` may be null: then it is silent.
  AbProgress(const std::vector<ScreenedCell>& cells, std::FILE* stream)
      : cells_(cells), line_(stream) {}

  /// What is going to be measured, and for how long at most.
  void announce(const AbRun& run, const Side& base, const Side& head,
                const std::filesystem::path& folder) const;
  void show(Slices::Stage stage, std::size_t cell, Duration left);
  /// Of what is exact, before each slice.
  void count(std::size_t done, std::size_t all, std::size_t cell);
  /// Takes the line off the terminal.
  void end() { line_.clear(); }

 private:
  const std::vector<ScreenedCell>& cells_;
  LiveLine line_;
  std::size_t blocks_ = 0;
};

}  // namespace contend::ab
