// A run of load as text and as JSON.
#include "harness/load/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/table.hpp"

namespace contend::load {
namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

std::string time_text(Duration time) {
  return duration_text(static_cast<double>(time.count()));
}

std::string asked(const RunSpec& spec) {
  std::string words = fmt::format("{}: {} connections, ", spec.target.url, spec.connections);
  if (spec.pipeline > 1) words += fmt::format("pipelined by {}, ", spec.pipeline);
  if (!spec.schedule) return words + "closed loop";
  return words + fmt::format("open loop of {}/s, {} arrivals",
                             number_text(spec.schedule->rate_per_s), to_string(spec.schedule->law));
}

std::vector<std::string> time_row(std::string name, const Histogram& times) {
  std::vector<std::string> row{std::move(name)};
  for (const double percentile : {50., 90., 99., 99.9, 100.})
    row.push_back(times.count() == 0 ? "-" : time_text(times.value_at(percentile)));
  row.push_back(times.count() == 0 ? "-" : duration_text(times.mean_ns()));
  row.emplace_back();
  return row;
}

/// What was not answered rightly, a line each, of the kinds that there were.
std::string trouble(const RunReport& report) {
  Rows rows{{"not answered", "", ""}};
  const auto add = [&](std::string_view what, std::uint64_t count, std::string_view meaning) {
    if (count > 0) rows.push_back({std::string(what), count_text(count), std::string(meaning)});
  };
  for (const auto& [kind, count] : report.errors) {
    const auto example = report.examples.find(kind);
    add(kind, count, example == report.examples.end() ? "" : "such as " + example->second);
  }
  add("in flight", report.unanswered, "when the time was over");
  add("unsent", report.unsent, "due, and no connection was free before the time was over");
  add("dropped", report.dropped, "due, and the queue was full");
  return rows.size() == 1 ? "" : "\n" + aligned(rows);
}

json histogram_json(const Histogram& times) {
  return times.count() == 0 ? json() : times.to_json();
}

}  // namespace

std::string text(const RunSpec& spec, const RunReport& report) {
  Rows rows{{"", "p50", "p90", "p99", "p99.9", "max", "mean", ""}};
  if (spec.schedule) rows.push_back(time_row("response time", report.response_time));
  rows.push_back(time_row("service time", report.service_time));
  if (spec.schedule) rows.push_back(time_row("send lag", report.send_lag));
  std::string cpu = fmt::format("client CPU {:.0f} % of a core", 100 * report.client_cpu_share());
  if (report.answered > 0)
    cpu +=
        fmt::format(", {} an answer", duration_text(static_cast<double>(report.client_cpu.count()) /
                                                    static_cast<double>(report.answered)));
  return fmt::format("{}\n\n{} answers in {}: {}/s; {}\n\n{}{}", asked(spec),
                     count_text(report.answered), time_text(report.duration),
                     number_text(report.answered_per_s()), cpu, aligned(rows), trouble(report));
}

json to_json(const RunSpec& spec, const RunReport& report) {
  json arrivals;
  if (spec.schedule)
    arrivals = {{"rate_per_s", spec.schedule->rate_per_s},
                {"law", to_string(spec.schedule->law)},
                {"seed", spec.schedule->seed},
                {"queue_limit", spec.schedule->queue_limit},
                {"most_waiting", report.most_waiting},
                {"unsent", report.unsent},
                {"dropped", report.dropped}};
  return {{"schema_version", 1},
          {"target", spec.target.url},
          {"connections", spec.connections},
          {"pipeline", spec.pipeline},
          {"requests_per_connection", spec.requests_per_connection},
          {"timeout_ns", spec.timeout.count()},
          {"loop", spec.schedule ? "open" : "closed"},
          {"arrivals", arrivals},
          {"duration_ns", report.duration.count()},
          {"answered", report.answered},
          {"answered_per_s", report.answered_per_s()},
          {"unanswered", report.unanswered},
          {"errors", report.errors},
          {"examples", report.examples},
          {"client_cpu_ns", report.client_cpu.count()},
          {"response_time", histogram_json(report.response_time)},
          {"service_time", histogram_json(report.service_time)},
          {"send_lag", histogram_json(report.send_lag)}};
}

std::string progress_line(const RunSpec& spec, const RunRecorder::Counts& now,
                          const RunRecorder::Counts& a_second_ago, Duration elapsed) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(elapsed).count();
  const auto whole = std::chrono::ceil<std::chrono::seconds>(spec.duration).count();
  return fmt::format("{}/{} s  {}/s  {} answered  {} failed", seconds, whole,
                     count_text(now.answered - a_second_ago.answered), count_text(now.answered),
                     count_text(now.failed));
}

}  // namespace contend::load
