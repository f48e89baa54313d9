// A run of load as text and as JSON.
#include "harness/load/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/table.hpp"

namespace contend::load {
namespace {

using nlohmann::json;
using Table = std::vector<std::vector<std::string>>;

std::string time_text(Duration time) {
  return duration_text(static_cast<double>(time.count()));
}

/// "2,000/s", "100 to 5,000/s", or how many stages there are.
std::string rates(const Schedule& schedule) {
  const Stage& first = schedule.stages.front();
  if (schedule.stages.size() > 1)
    return fmt::format("{} stages, {}/s in the mean", schedule.stages.size(),
                       number_text(schedule.mean_rate_per_s()));
  if (first.from_per_s == first.to_per_s) return number_text(first.from_per_s) + "/s";
  return fmt::format("{} to {}/s", number_text(first.from_per_s), number_text(first.to_per_s));
}

std::string asked(const RunSpec& spec) {
  std::string words = spec.target.url;
  const std::string address = spec.target.endpoint.text();
  if (address.find(spec.target.name) == std::string::npos) words += fmt::format(" ({})", address);
  words += fmt::format(": {} connections, ", spec.connections);
  if (spec.warm_up > Duration{}) words += fmt::format("{} of warm-up, ", time_text(spec.warm_up));
  if (spec.pipeline > 1) words += fmt::format("pipelined by {}, ", spec.pipeline);
  if (!spec.schedule) return words + "closed loop";
  return words + fmt::format("open loop of {}, {} arrivals", rates(*spec.schedule),
                             to_string(spec.schedule->law));
}

std::vector<std::string> time_row(std::string name, const Histogram& times) {
  std::vector<std::string> row{std::move(name)};
  for (const double percentile : {50., 90., 99., 99.9, 100.})
    row.push_back(times.count() == 0 ? "-" : time_text(times.value_at(percentile)));
  row.push_back(times.count() == 0 ? "-" : duration_text(times.mean_ns()));
  row.emplace_back();
  return row;
}

/// The verdict, and when the server was away.
std::string judgement(const RunReport& report) {
  const std::optional<bool>& trusted = report.verdict.trusted;
  std::string words = fmt::format("\n{}, limit: {}",
                                  !trusted   ? "undecided"
                                  : *trusted ? "trusted"
                                             : "not to be trusted",
                                  to_string(report.verdict.limit));
  for (std::size_t i = 0; i < report.verdict.reasons.size(); ++i)
    words += (i == 0 ? "; " : "\n  ") + report.verdict.reasons[i];
  words += '\n';
  for (const Away& gap : report.gaps)
    words += fmt::format("nobody was answered for {}, from {} on\n", time_text(gap.length),
                         time_text(gap.from));
  return words;
}

/// What was not answered rightly, a line each, of the kinds that there were.
std::string trouble(bool is_open_loop, const RunReport& report) {
  Table rows{{"not answered", "", ""}};
  const auto add = [&](std::string_view what, std::uint64_t count, std::string_view meaning) {
    if (count > 0) rows.push_back({std::string(what), count_text(count), std::string(meaning)});
  };
  for (const auto& [kind, count] : report.errors) {
    const auto example = report.examples.find(kind);
    add(kind, count, example == report.examples.end() ? "" : "such as " + example->second);
  }
  if (is_open_loop || report.silent_for > Duration{})
    add("in flight", report.unanswered, "when the time was over");
  add("unsent", report.unsent, "due, and no connection was free before the time was over");
  add("dropped", report.dropped, "due, and the queue was full");
  return rows.size() == 1 ? "" : "\n" + aligned(rows);
}

/// A line for each of several processes; nothing where one did all.
std::string ranks_text(const RunReport& report) {
  if (report.ranks.empty()) return "";
  Table rows{{"rank", "connections", "answers", "client CPU", "limit", "host"}};
  Duration uncertainty{};
  for (std::size_t i = 0; i < report.ranks.size(); ++i) {
    const RankSummary& rank = report.ranks[i];
    uncertainty = std::max(uncertainty, rank.clock_uncertainty);
    rows.push_back({std::to_string(i), count_text(rank.connections), count_text(rank.answered),
                    fmt::format("{:.0f} %", 100 * static_cast<double>(rank.client_cpu.count()) /
                                                static_cast<double>(report.duration.count())),
                    std::string(to_string(rank.verdict.limit)), rank.host});
  }
  return fmt::format("\n{}their clocks were compared to within {}\n", aligned(rows),
                     time_text(uncertainty));
}

json stages_json(const Schedule& schedule) {
  json stages = json::array();
  for (const Stage& stage : schedule.stages)
    stages.push_back({{"duration_ns", stage.duration.count()},
                      {"from_per_s", stage.from_per_s},
                      {"to_per_s", stage.to_per_s}});
  return stages;
}

json seconds_json(const RunReport& report) {
  json rows = json::array();
  for (const Row& row : report.seconds) {
    json errors = json::object();
    for (std::size_t kind = 0; kind < reply_error_count; ++kind)
      if (row.counts.errors[kind] > 0)
        errors[std::string(to_string(static_cast<ReplyError>(kind)))] = row.counts.errors[kind];
    const auto time = [&](Duration value) {
      return row.counts.answered > 0 ? json(value.count()) : json();
    };
    rows.push_back({{"end_ns", row.end.count()},
                    {"offered", row.offered},
                    {"sent", row.counts.sent},
                    {"answered", row.counts.answered},
                    {"in_flight", row.counts.in_flight},
                    {"errors", std::move(errors)},
                    {"p50_ns", time(row.p50)},
                    {"p99_ns", time(row.p99)},
                    {"max_ns", time(row.max)},
                    {"client_cpu_ns", row.client_cpu.count()},
                    {"server_cpu_ns", row.server_cpu ? json(row.server_cpu->count()) : json()}});
  }
  return rows;
}

json gaps_json(const RunReport& report) {
  json gaps = json::array();
  for (const Away& gap : report.gaps)
    gaps.push_back({{"from_ns", gap.from.count()}, {"length_ns", gap.length.count()}});
  return gaps;
}

json ranks_json(const RunReport& report) {
  if (report.ranks.empty()) return {};
  json ranks = json::array();
  for (const RankSummary& rank : report.ranks)
    ranks.push_back({{"host", rank.host},
                     {"connections", rank.connections},
                     {"answered", rank.answered},
                     {"client_cpu_ns", rank.client_cpu.count()},
                     {"verdict", load::to_json(rank.verdict)},
                     {"clock_offset_ns", rank.clock_offset.count()},
                     {"clock_uncertainty_ns", rank.clock_uncertainty.count()}});
  return ranks;
}

json signals_json(const RunReport& report) {
  const Signals& signals = report.signals;
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(); };
  return {{"cpu_share", signals.cpu_share},
          {"waited_share", signals.waited_share},
          {"throttled_share", signals.throttled_share},
          {"held_up_share", signals.held_up_share},
          {"steal_share", or_null(signals.steal_share)},
          {"accept_overflows", or_null(signals.accept_overflows)},
          {"server_cpu_share", or_null(signals.server_cpu_share)},
          {"server_waited_share", or_null(signals.server_waited_share)},
          {"silent_for_ns", signals.silent_for.count()},
          {"ports_left", report.ports_left}};
}

json histogram_json(const Histogram& times) {
  return times.count() == 0 ? json() : times.to_json();
}

}  // namespace

std::string text(const RunSpec& spec, const RunReport& report) {
  Table rows{{"", "p50", "p90", "p99", "p99.9", "max", "mean", ""}};
  if (spec.schedule) rows.push_back(time_row("response time", report.response_time));
  rows.push_back(time_row("service time", report.service_time));
  if (spec.schedule) rows.push_back(time_row("send lag", report.send_lag));
  std::string cpu = fmt::format("client CPU {:.0f} % of a core", 100 * report.client_cpu_share());
  if (report.answered > 0)
    cpu +=
        fmt::format(", {} an answer", duration_text(static_cast<double>(report.client_cpu.count()) /
                                                    static_cast<double>(report.answered)));
  if (report.server) cpu += "\n" + text(*report.server);
  return fmt::format(
      "{}\n\n{} answers in {}: {}/s; {}\n\n{}{}{}{}", asked(spec), count_text(report.answered),
      time_text(report.duration), number_text(report.answered_per_s()), cpu, aligned(rows),
      trouble(spec.schedule.has_value(), report), ranks_text(report), judgement(report));
}

json to_json(const RunSpec& spec, const RunReport& report,
             const std::optional<Judgement>& judgement) {
  json arrivals;
  if (spec.schedule)
    arrivals = {{"rate_per_s", spec.schedule->mean_rate_per_s()},
                {"stages", stages_json(*spec.schedule)},
                {"law", to_string(spec.schedule->law)},
                {"queue_limit", spec.schedule->queue_limit},
                {"queued", report.queued},
                {"max_waiting", report.max_waiting},
                {"unsent", report.unsent},
                {"overdue", report.overdue},
                {"dropped", report.dropped}};
  return {{"schema_version", 1},
          {"target", spec.target.url},
          {"address", spec.target.endpoint.text()},
          {"connections", spec.connections},
          {"threads", spec.threads},
          {"pipeline", spec.pipeline},
          {"requests_per_connection", spec.requests_per_connection},
          {"timeout_ns", spec.timeout.count()},
          {"seed", spec.seed},
          {"loop", spec.schedule ? "open" : "closed"},
          {"arrivals", arrivals},
          {"warm_up_ns", spec.warm_up.count()},
          {"duration_ns", report.duration.count()},
          {"all_connected_ns", report.all_connected ? json(report.all_connected->count()) : json()},
          {"answered", report.answered},
          {"answered_per_s", report.answered_per_s()},
          {"unanswered", report.unanswered},
          {"failed_requests", report.failed_requests},
          {"errors", report.errors},
          {"examples", report.examples},
          {"client_cpu_ns", report.client_cpu.count()},
          {"server", report.server ? load::to_json(*report.server) : json()},
          {"verdict", load::to_json(report.verdict)},
          {"objective", judgement ? load::to_json(*judgement) : json()},
          {"signals", signals_json(report)},
          {"ranks", ranks_json(report)},
          {"gaps", gaps_json(report)},
          {"seconds", seconds_json(report)},
          {"response_time", histogram_json(report.response_time)},
          {"service_time", histogram_json(report.service_time)},
          {"send_lag", histogram_json(report.send_lag)}};
}

std::string progress_line(const RunSpec& spec, const Progress& progress) {
  const Row& row = progress.row;
  const auto seconds = std::chrono::round<std::chrono::seconds>(row.end).count();
  const auto whole = std::chrono::ceil<std::chrono::seconds>(spec.duration).count();
  return fmt::format("{}/{} s  {}/s  p50 {}  p99 {}  max {}  in flight {}  failed {}", seconds,
                     whole, count_text(row.counts.answered), time_text(row.p50), time_text(row.p99),
                     time_text(row.max), count_text(row.counts.in_flight),
                     count_text(progress.total.failed()));
}

std::string csv(const RunReport& report) {
  std::string lines = "end_ns,offered,sent,answered,in_flight";
  for (std::size_t kind = 0; kind < reply_error_count; ++kind)
    lines += fmt::format(",{}", to_string(static_cast<ReplyError>(kind)));
  lines += ",p50_ns,p99_ns,max_ns,client_cpu_ns,server_cpu_ns\n";
  for (const Row& row : report.seconds) {
    lines += fmt::format("{},{},{},{},{}", row.end.count(), row.offered, row.counts.sent,
                         row.counts.answered, row.counts.in_flight);
    for (const std::uint64_t errors : row.counts.errors) lines += fmt::format(",{}", errors);
    if (row.counts.answered > 0)
      lines += fmt::format(",{},{},{}", row.p50.count(), row.p99.count(), row.max.count());
    else
      lines += ",,,";
    lines += fmt::format(",{},", row.client_cpu.count());
    if (row.server_cpu) lines += fmt::format("{}", row.server_cpu->count());
    lines += '\n';
  }
  return lines;
}

}  // namespace contend::load
