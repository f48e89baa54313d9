// What a host reports of a drive, a run or a lesson (docs/host-protocol.md).
#pragma once

#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <span>

#include "engines/lesson.hpp"
#include "workloads/job.hpp"
#include "workloads/request_log.hpp"

namespace contend {

/// What a call cost: wall clock, and the CPU and switches of this process and its reaped children.
class Cost {
 public:
  Cost();
  TimePoint began() const { return began_; }
  /// Until now.
  nlohmann::json report() const;

 private:
  rusage self_, children_;
  TimePoint began_;
};

nlohmann::json report_of(const Cost& cost, RequestLog& log);
nlohmann::json report_of(const Cost& cost, std::span<const Job> jobs);
nlohmann::json report_of(const Cost& cost, const LessonReport& taught);

}  // namespace contend
