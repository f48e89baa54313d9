// What a run of load shows while it goes on, on standard error: a few lines that rewrite themselves
// on a terminal, a line now and then elsewhere.
#pragma once

#include <string>
#include <vector>

#include "harness/load/run.hpp"

namespace contend::load {

/// A character of eight heights for each of the last values, scaled to the greatest of them.
std::string time_line(const std::vector<std::uint64_t>& values);

class Live {
 public:
  explicit Live(const RunSpec& spec);
  /// Takes away what rewrites itself.
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  void operator()(const Progress& progress);

 private:
  void rewrite(const std::string& lines);

  const RunSpec& spec_;
  std::vector<std::uint64_t> rates_;  // of the last seconds
  int shown_lines_ = 0;
  bool rewrites_;
};

}  // namespace contend::load
