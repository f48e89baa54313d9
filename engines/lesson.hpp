// A small program on an engine's own runtime that shows one thing and says what happened when.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "workloads/session.hpp"

namespace contend {

/// What has a beginning and an end.
struct LessonSpan {
  std::string name;
  TimePoint started{}, computing{}, finished{};  ///< Default-constructed: it never got there.
  bool ok = false;                               ///< It went as it should.
};

/// Written while the lesson runs. References to spans stay valid.
class LessonReport {
 public:
  LessonSpan& begin(std::string name) {
    const TimePoint now = Clock::now();
    return spans_.emplace_back(
        LessonSpan{.name = std::move(name), .started = now, .computing = {}, .finished = {}});
  }
  static void end(LessonSpan& span, bool ok) {
    span.finished = Clock::now();
    span.ok = ok;
  }
  void note(std::string line) { notes_.push_back(std::move(line)); }

  const std::deque<LessonSpan>& spans() const { return spans_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::deque<LessonSpan> spans_;
  std::vector<std::string> notes_;
};

}  // namespace contend
