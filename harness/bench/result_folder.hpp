// The files of a run on disk: samples.jsonl, which only grows, and result.json, which is replaced.
// Whatever ends the harness, a finished sample is not lost.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engines/net.hpp"
#include "harness/bench/result.hpp"

namespace contend {

/// A new folder `<out>/<time>-<suite>`, and `out` itself where it is missing. Throws
/// std::filesystem::filesystem_error that names the path.
std::filesystem::path new_run_folder(const std::filesystem::path& out, const std::string& suite);
/// Makes the link `latest` beside a run's folder lead to it, whatever it was; a folder of that name
/// stays, and is said to be in the way.
void point_latest(const std::filesystem::path& folder);

class ResultFolder {
 public:
  /// A new folder within one that is there.
  static ResultFolder create_within(const std::filesystem::path& folder, const std::string& name);
  /// A new folder of a run (new_run_folder); `latest` points to it from the first `write` on.
  /// Throws std::system_error or std::filesystem::filesystem_error that name the path.
  static ResultFolder create(const std::filesystem::path& out, const std::string& suite);
  /// One that is there already; `latest` points to it from the next `write` on, since the run that
  /// is resumed may have been killed before. A last line that is torn is cut off. Throws also
  /// std::invalid_argument when another process writes to it or something in it is wrong.
  static ResultFolder open(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }
  std::string id() const { return path_.filename(); }

  /// In one write, and on the disk when it returns. Throws std::system_error.
  void append(const Sample& sample);
  /// As it was written last. Its samples may be fewer than `samples()`.
  Result result() const;
  std::vector<Sample> samples() const;
  /// Atomically: whoever reads sees the old one or the new one. Throws std::system_error.
  void write(const Result& result);

 private:
  explicit ResultFolder(std::filesystem::path path);

  std::filesystem::path path_;
  Fd samples_;
  bool becomes_latest_ = false;  // with the next `write`
};

}  // namespace contend
