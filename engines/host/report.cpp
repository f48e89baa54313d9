// What a host reports of a drive, a run or a lesson.
#include "engines/host/report.hpp"

#include <sys/time.h>

#include <fstream>

namespace contend {

using nlohmann::json;

namespace {

rusage usage(int who) {
  rusage result{};
  getrusage(who, &result);
  return result;
}

/// Not ru_maxrss, which execve(2) passes on from whoever started this process.
std::int64_t own_peak_rss_bytes() {
  std::ifstream status("/proc/self/status");
  std::int64_t kib = 0;
  for (std::string word; status >> word;)
    if (word == "VmHWM:") status >> kib;
  return kib * 1024;
}

std::int64_t nanoseconds(const timeval& time) {
  return time.tv_sec * 1'000'000'000L + time.tv_usec * 1'000L;
}

json offset_of(TimePoint time, TimePoint began) {
  return time == TimePoint{} ? json() : json((time - began).count());
}

}  // namespace

Cost::Cost() : self_(usage(RUSAGE_SELF)), children_(usage(RUSAGE_CHILDREN)), began_(Clock::now()) {}

json Cost::report() const {
  const auto wall = Clock::now() - began_;
  const rusage self = usage(RUSAGE_SELF), children = usage(RUSAGE_CHILDREN);
  const auto difference = [&](auto field) {
    return field(self) - field(self_) + field(children) - field(children_);
  };
  return {{"wall_ns", wall.count()},
          {"user_ns", difference([](const rusage& u) { return nanoseconds(u.ru_utime); })},
          {"system_ns", difference([](const rusage& u) { return nanoseconds(u.ru_stime); })},
          {"voluntary_switches", difference([](const rusage& u) { return u.ru_nvcsw; })},
          {"involuntary_switches", difference([](const rusage& u) { return u.ru_nivcsw; })},
          {"peak_rss_bytes", own_peak_rss_bytes() + children.ru_maxrss * 1024}};
}

json report_of(const Cost& cost, RequestLog& log) {
  json report = cost.report();
  report["expected"] = log.expected();
  report["spans"] = json::array();
  for (const RequestLog::Entry& entry : log.entries())
    report["spans"].push_back({{"lane", entry.client},
                               {"start_ns", offset_of(entry.sent, cost.began())},
                               {"finish_ns", offset_of(entry.answered, cost.began())},
                               {"ok", entry.ok}});
  report["errors"] = json::object();
  for (std::size_t kind = 0; kind < reply_error_count; ++kind)
    if (const auto count = log.errors(static_cast<ReplyError>(kind)); count > 0)
      report["errors"][std::string(to_string(static_cast<ReplyError>(kind)))] = count;
  return report;
}

json report_of(const Cost& cost, std::span<const Job> jobs) {
  json report = cost.report();
  report["expected"] = jobs.size();
  report["errors"] = json::object();
  report["spans"] = json::array();
  for (std::size_t lane = 0; lane < jobs.size(); ++lane) {
    const Job& job = jobs[lane];
    report["spans"].push_back({{"lane", lane},
                               {"start_ns", offset_of(job.started, cost.began())},
                               {"compute_ns", offset_of(job.computing, cost.began())},
                               {"finish_ns", offset_of(job.finished, cost.began())},
                               {"ok", job.correct()},
                               {"result", job.result}});
  }
  return report;
}

json report_of(const Cost& cost, const LessonReport& taught) {
  json report = cost.report();
  report["expected"] = taught.spans().size();
  report["errors"] = json::object();
  report["spans"] = json::array();
  for (const LessonSpan& span : taught.spans())
    report["spans"].push_back({{"lane", report["spans"].size()},
                               {"name", span.name},
                               {"start_ns", offset_of(span.started, cost.began())},
                               {"compute_ns", offset_of(span.computing, cost.began())},
                               {"finish_ns", offset_of(span.finished, cost.began())},
                               {"ok", span.ok}});
  report["notes"] = taught.notes();
  return report;
}

}  // namespace contend
