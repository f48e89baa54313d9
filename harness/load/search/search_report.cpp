// Windows at several rates as text and as JSON.
#include "harness/load/search/search_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/table.hpp"
#include "harness/load/report.hpp"

namespace contend::load {
namespace {

using nlohmann::json;
using Finding = MaxRate::Finding;
using Kind = Measured::Kind;

std::string rate_text(double rate_per_s) {
  return number_text(rate_per_s) + "/s";
}

std::string time_text(const Histogram& times, double percentile) {
  if (times.count() == 0) return "-";
  return duration_text(static_cast<double>(times.value_at(percentile).count()));
}

/// Why it did not hold, with an error where there was nothing else.
std::string blame(const Point& point) {
  std::vector<std::string> reasons;
  if (point.judgement)
    for (const EvaluatedTerm& judged : point.judgement->terms)
      if (!judged.held) reasons.push_back(judged.words);
  if (!point.kept_up) reasons.emplace_back("the backlog grew");
  if (point.report.answered == 0)
    for (const auto& [kind, example] : point.report.examples)
      reasons.push_back(fmt::format("{} ({})", kind, example));
  return fmt::format("{}", fmt::join(reasons, ", "));
}

/// What became of the window.
std::string outcome(const Point& point) {
  if (point.judgement && point.kind == Kind::held) return "held";
  return (point.kind == Kind::disturbed ? "disturbed: " : "") + blame(point);
}

std::string answer(const Search& search, const MaxRate& max) {
  const std::string objective = search.objective->text();
  const std::string held = max.held_per_s ? rate_text(*max.held_per_s) : "";
  const std::string broke = max.broke_per_s ? rate_text(*max.broke_per_s) : "";
  switch (max.finding) {
    case Finding::found:
      return fmt::format("highest rate with {}: {}{}\n{}", objective, held,
                         broke.empty() ? "" : fmt::format(", and no more at {}", broke),
                         max.confirmed ? "" : "not sure of it: give it more --duration\n");
    case Finding::never_held:
      if (broke.empty()) return fmt::format("there was no time to try {}\n", objective);
      return fmt::format("{} was never held, not at {} either\n", objective, broke);
    case Finding::client_was_limit:
      return fmt::format(
          "{} {}; at {} the load or the machine was the limit, not the server: give the load more "
          "--threads and CPUs of its own\n",
          objective, held.empty() ? "was never held" : "was held at " + held, broke);
    case Finding::server_gone:
      return fmt::format(
          "the server has stopped answering{}: see why it ended, then search again\n",
          held.empty() ? "" : fmt::format("; {} was held at {}", objective, held));
    case Finding::interrupted:
      return fmt::format("interrupted{}\n",
                         held.empty() ? "" : fmt::format("; {} was held at {}", objective, held));
  }
  return {};
}

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

json answer_json(const MaxRate& max) {
  return {{"finding", to_string(max.finding)},
          {"held_per_s", number_or_null(max.held_per_s)},
          {"broke_per_s", number_or_null(max.broke_per_s)},
          {"confirmed", max.confirmed}};
}

json point_json(const Point& point) {
  return {{"rate_per_s", point.rate_per_s},
          {"outcome", point.judgement ? json(to_string(point.kind)) : json()},
          {"kept_up", point.kept_up},
          {"load", to_json(point.spec, point.report, point.judgement)}};
}

}  // namespace

std::string text(const Search& search, const SearchReport& report) {
  std::vector<const Point*> points;
  for (const Point& point : report.points) points.push_back(&point);
  std::ranges::stable_sort(points, {}, &Point::rate_per_s);
  std::vector<std::vector<std::string>> rows{
      {"offered", "answered", "p50", "p99", "p99.9", "errors", "limit", ""}};
  for (const Point* const point : points) {
    const Histogram& times = point->report.response_time;
    rows.push_back({rate_text(point->rate_per_s), rate_text(point->report.answered_per_s()),
                    time_text(times, 50), time_text(times, 99), time_text(times, 99.9),
                    count_text(errors_of(point->report)),
                    std::string(to_string(point->report.verdict.limit)), outcome(*point)});
  }
  const std::string table = points.empty() ? "" : aligned(rows) + "\n";
  return fmt::format("{}: {} connections, windows of an open loop, {} arrivals\n\n{}{}",
                     search.spec.target.url, search.spec.connections,
                     to_string(search.spec.schedule->law), table,
                     report.max           ? answer(search, *report.max)
                     : report.interrupted ? "interrupted\n"
                                          : "");
}

json to_json(const Search& search, const SearchReport& report) {
  json points = json::array();
  for (const Point& point : report.points) points.push_back(point_json(point));
  return {{"schema_version", 1},
          {"search", report.max ? "find_max" : "sweep"},
          {"target", search.spec.target.url},
          {"objective", search.objective ? json(search.objective->text()) : json()},
          {"budget_ns", search.budget.count()},
          {"took_ns", report.took.count()},
          {"interrupted", report.interrupted},
          {"estimate_per_s", number_or_null(report.estimate_per_s)},
          {"result", report.max ? answer_json(*report.max) : json()},
          {"points", std::move(points)}};
}

std::string point_line(const Point& point) {
  const std::string what = outcome(point);
  return fmt::format("{}  answered {}  p99 {}{}", rate_text(point.rate_per_s),
                     rate_text(point.report.answered_per_s()),
                     time_text(point.report.response_time, 99), what.empty() ? "" : "  " + what);
}

}  // namespace contend::load
