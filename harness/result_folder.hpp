// The files of a run on disk: samples.jsonl, which only grows, and result.json, which is replaced.
// Whatever ends the harness, a finished sample is not lost.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engines/net.hpp"
#include "harness/result.hpp"

namespace contend {

class ResultFolder {
 public:
  /// A new folder `<out>/<time>-<suite>`; `<out>/latest` points to it from the first `write` on.
  /// Throws std::system_error or
  /// std::filesystem::filesystem_error that name the path.
  static ResultFolder create(const std::filesystem::path& out, const std::string& suite);
  /// One that is there already. A last line that was torn, as a kill leaves it, is cut off. Throws
  /// also std::invalid_argument when another process writes to it or something in it is wrong.
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
  bool is_new_ = false;
};

}  // namespace contend
