// The history for people and for other programs.
#include "harness/history/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/table.hpp"
#include "harness/base/text.hpp"
#include "harness/bench/sample.hpp"

namespace contend::history {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

constexpr int history_schema_version = 1;
constexpr std::size_t max_name_length = 40;
constexpr std::size_t shown_of_sha256 = 12;
/// ln(ratio) from bottom to top of a sparkline is this at least.
constexpr double min_height = 0.05;

std::string in_table(std::string_view text) {
  return terminal_text(text.substr(0, max_name_length)) +
         (text.size() > max_name_length ? "..." : "");
}

std::string name_of(const Series& series) {
  return in_table(series.cell) + " " + in_table(series.metric);
}

std::string title_of(const Series& series) {
  std::string identity;
  if (series.reference != series.reference_name) {
    const std::size_t end = std::min(series.reference.find(' '), series.reference.size());
    identity = fmt::format(" ({}{})", in_table(series.reference.substr(0, shown_of_sha256)),
                           in_table(series.reference.substr(end)));
  }
  return fmt::format("machine {}, suite {}, reference {}{}", in_table(series.machine),
                     in_table(series.suite), in_table(series.reference_name), identity);
}

std::string ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.3f}", *ratio) : "-";
}

std::string step_text(const Change& change) {
  return fmt::format("{:.3f} -> {:.3f}", change.before, change.after);
}

std::string percent_text(const Change& change) {
  return change_text(change.after / change.before);
}

std::string changes_text(const Series& series) {
  if (!series.long_enough()) return fmt::format("{} more commits", min_commits - series.commits());
  const std::vector<Change> changes = changes_of(series, {});
  if (changes.empty()) return "none";
  const std::size_t earlier = changes.size() - 1;
  return fmt::format("{} at {}{}", step_text(changes.back()),
                     in_table(series.points[changes.back().index].commit),
                     earlier > 0 ? fmt::format(", {} before", earlier) : "");
}

std::string counted(std::size_t count, std::string_view noun) {
  return count == 0 ? fmt::format("no {}", noun)
                    : fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

bool same_group(const Series& a, const Series& b) {
  return a.machine == b.machine && a.suite == b.suite && a.reference == b.reference;
}

json to_json(const Change& change, const Series& series) {
  return {{"index", change.index},
          {"commit", series.points[change.index].commit},
          {"before", change.before},
          {"after", change.after},
          {"p", change.p}};
}

json identity_of(const Series& series) {
  return {{"machine", series.machine},
          {"reference", series.reference},
          {"suite", series.suite},
          {"cell", series.cell},
          {"metric", series.metric}};
}

std::string csv_number(std::optional<double> number) {
  return number ? fmt::format("{}", *number) : std::string();
}

}  // namespace

std::string sparkline(std::span<const Point> points, std::size_t last, bool unicode) {
  constexpr std::array<const char*, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<const char*, 8> ascii{"_", ".", "-", "~", "+", "=", "*", "#"};
  const auto newest = points.last(std::min(last, points.size()));
  if (newest.empty()) return {};
  const auto [lowest, highest] = std::ranges::minmax(newest, {}, &Point::ratio);
  const double low = std::log(lowest.ratio), high = std::log(highest.ratio);
  const double height = std::max(high - low, min_height);
  const double bottom = (low + high - height) / 2;
  std::string text;
  for (const Point& point : newest) {
    const double share = (std::log(point.ratio) - bottom) / height;
    const auto level = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 7));
    text += unicode ? blocks[level] : ascii[level];
  }
  return text;
}

std::string series_table(const std::vector<Series>& all, std::size_t last, bool unicode) {
  std::string text;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end =
        std::find_if(begin, all.end(), [&](const Series& s) { return !same_group(s, *begin); });
    std::vector<Row> rows{{"series", "commits", "newest", "low", "high", "newest change",
                           fmt::format("last {}", last)}};
    for (auto series = begin; series != end; ++series) {
      const Point& newest = series->points.back();
      rows.push_back({name_of(*series), std::to_string(series->commits()), ratio_text(newest.ratio),
                      ratio_text(newest.low), ratio_text(newest.high), changes_text(*series),
                      sparkline(series->points, last, unicode)});
    }
    text += fmt::format("{}{}\n{}", text.empty() ? "" : "\n", title_of(*begin), aligned(rows));
    begin = end;
  }
  return text;
}

std::string points_table(const std::vector<Series>& all, std::size_t last) {
  std::string text;
  for (const Series& series : all) {
    const std::vector<Change> changes = changes_of(series, {});
    std::vector<Row> rows{{"commit", "time", "ratio", "low", "high", "pairs", "verdict", ""}};
    for (std::size_t i = series.points.size() - std::min(last, series.points.size());
         i < series.points.size(); ++i) {
      const Point& point = series.points[i];
      const auto change = std::ranges::find(changes, i, &Change::index);
      rows.push_back({in_table(point.commit), point.at, ratio_text(point.ratio),
                      ratio_text(point.low), ratio_text(point.high), count_text(point.pairs),
                      std::string(to_string(point.verdict)),
                      change == changes.end() ? std::string()
                                              : fmt::format("{} ({}), p {:.0e}", step_text(*change),
                                                            percent_text(*change), change->p)});
    }
    text += fmt::format("{}{}\n{}\n{}", text.empty() ? "" : "\n", title_of(series), name_of(series),
                        aligned(rows));
  }
  return text;
}

Check::Verdict Check::verdict() const {
  if (judged == 0) return Verdict::too_few;
  const auto counts = [](const FoundChange& found) { return found.recent && found.worse(); };
  return std::ranges::any_of(changes, counts) ? Verdict::worse : Verdict::steady;
}

Check check_series(const std::vector<Series>& all, const ChangeRule& rule, std::size_t last) {
  Check check{.last = last, .rule = rule, .judged = 0, .too_short = 0, .longest = 0, .changes = {}};
  for (const Series& series : all) {
    check.longest = std::max(check.longest, series.commits());
    ++(series.long_enough() ? check.judged : check.too_short);
    for (const Change& change : changes_of(series, rule))
      check.changes.push_back({.series = &series,
                               .change = change,
                               .recent = change.index + last >= series.points.size()});
  }
  return check;
}

std::string check_text(const Check& check) {
  if (check.verdict() == Check::Verdict::too_few)
    return fmt::format("not enough commits: the longest of {} series has {}, and {} are needed\n",
                       check.too_short, check.longest, min_commits);
  std::vector<Row> rows{{"series", "commit", "from -> to", "change", "p", ""}};
  std::size_t older = 0, worse = 0;
  for (const FoundChange& found : check.changes) {
    if (!found.recent) {
      ++older;
      continue;
    }
    worse += found.worse() ? 1 : 0;
    rows.push_back({name_of(*found.series), in_table(found.point().commit), step_text(found.change),
                    percent_text(found.change), fmt::format("{:.0e}", found.change.p),
                    found.worse() ? "worse" : "better"});
  }
  std::string text = rows.size() > 1 ? aligned(rows) + "\n" : "";
  const std::size_t recent = rows.size() - 1;
  text += fmt::format("{} in the last {} commits of {} series", counted(recent, "change"),
                      check.last, check.judged);
  if (recent > 0) text += fmt::format(": {} for the worse", worse);
  if (check.too_short > 0)
    text += fmt::format("; {} more have fewer than {} commits", check.too_short, min_commits);
  if (older > 0) text += fmt::format("; {} before", counted(older, "change"));
  return text + "\n";
}

json history_json(const std::vector<Series>& all) {
  json list = json::array();
  for (const Series& series : all) {
    json points = json::array(), changes = json::array();
    for (const Point& point : series.points)
      points.push_back({{"commit", point.commit},
                        {"at", point.at},
                        {"ratio", point.ratio},
                        {"low", nullable(point.low)},
                        {"high", nullable(point.high)},
                        {"verdict", to_string(point.verdict)}});
    for (const Change& change : changes_of(series, {})) changes.push_back(to_json(change, series));
    json one = identity_of(series);
    one["points"] = std::move(points);
    one["changes"] = std::move(changes);
    list.push_back(std::move(one));
  }
  return {{"schema_version", history_schema_version}, {"series", std::move(list)}};
}

json check_json(const Check& check) {
  constexpr std::array<const char*, 3> verdicts{"steady", "worse", "too_few"};
  json changes = json::array();
  for (const FoundChange& found : check.changes) {
    json change = identity_of(*found.series);
    change.update(to_json(found.change, *found.series));
    change["at"] = found.point().at;
    change["worse"] = found.worse();
    change["recent"] = found.recent;
    changes.push_back(std::move(change));
  }
  return {{"schema_version", history_schema_version},
          {"p", check.rule.p},
          {"magnitude", check.rule.magnitude},
          {"last", check.last},
          {"verdict", verdicts[static_cast<std::size_t>(check.verdict())]},
          {"judged_series", check.judged},
          {"short_series", check.too_short},
          {"changes", std::move(changes)}};
}

std::string history_csv(const std::vector<Series>& all) {
  std::string text = "machine,reference,suite,cell,metric,commit,at,ratio,low,high,verdict,pairs\n";
  for (const Series& series : all)
    for (const Point& point : series.points)
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(series.machine),
                          csv_field(series.reference), csv_field(series.suite),
                          csv_field(series.cell), csv_field(series.metric), csv_field(point.commit),
                          csv_field(point.at), csv_number(point.ratio), csv_number(point.low),
                          csv_number(point.high), to_string(point.verdict), point.pairs);
  return text;
}

}  // namespace contend::history
