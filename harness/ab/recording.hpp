// The folder of a comparison while it is measured: a result for each side, which grows slice by
// slice, and ab.json, which compares them. It judges nothing.
#pragma once

#include <filesystem>
#include <string>

#include "harness/ab/sides.hpp"
#include "harness/bench/result_folder.hpp"

namespace contend::ab {

class Recording {
 public:
  /// Makes the folder in `out`. The sides are borrowed. Throws what ResultFolder throws.
  Recording(const std::filesystem::path& out, AbRun run, const MeasuredSide& base,
            const MeasuredSide& head, const std::string& origin_sha256);

  const std::filesystem::path& folder() const { return folder_; }
  const Placement& placement() const { return result_.placement; }
  const AbRun& run() const { return result_.run; }

  /// Keeps a slice: it is on the disk when this returns.
  void add(Which side, const Sample& slice);
  /// Writes both results and the comparison, and lets `latest` lead here. Returns the comparison.
  AbResult write(bool complete, std::vector<Comparison> comparisons, const Noise& noise,
                 const Rules& rules);

 private:
  struct Recorded {
    Result result;
    ResultFolder folder;
  };
  Recorded recorded(const char* name, const MeasuredSide& side) const;
  Recorded& of(Which side) { return side == Which::base ? base_ : head_; }
  ComparedCell::Slices count(const Recorded& side, ComparedCell& cell, const char* name,
                             const Rules& rules) const;

  AbResult result_;
  std::filesystem::path folder_;
  Recorded base_, head_;
};

}  // namespace contend::ab
