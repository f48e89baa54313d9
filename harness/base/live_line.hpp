// A line that says where a long run is. On a terminal it rewrites itself; in a log it is a line now
// and then.
//   LiveLine line(stderr); line.show("round 1 of 3");
#pragma once

#include <cstdio>
#include <string>

#include "workloads/session.hpp"

namespace contend {

class LiveLine {
 public:
  /// `stream` is borrowed, and may be null: then it is silent.
  explicit LiveLine(std::FILE* stream);
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  std::FILE* stream() const { return stream_; }
  /// Whether `show` would show something: not where the last one was only just shown.
  bool is_due() const;
  /// Shows it where it is due.
  void show(const std::string& text);
  /// Takes the line off a terminal.
  void clear();

 private:
  std::FILE* stream_;
  bool rewrites_;
  TimePoint shown_{};
};

}  // namespace contend
