// Loads at several rates, run and printed.
#include "harness/load/search/search_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/exit_codes.hpp"
#include "harness/base/interruption.hpp"
#include "harness/load/plot.hpp"
#include "harness/load/search/search_report.hpp"
#include "harness/load/search/sweep.hpp"
#include "workloads/json_text.hpp"

namespace contend::load {
namespace {

constexpr Duration usual_budget = std::chrono::seconds(60);
/// Shorter windows than this makes say nothing.
constexpr Duration min_budget = std::chrono::seconds(1);

/// What is shown on standard error while it goes on: a line a window, which rewrites itself on a
/// terminal.
class WindowLine {
 public:
  explicit WindowLine(Duration budget) : budget_(budget) {}
  ~WindowLine() {
    if (rewrites_) fmt::print(stderr, "\r\x1b[K");
  }
  WindowLine(const WindowLine&) = delete;
  WindowLine& operator=(const WindowLine&) = delete;

  void operator()(const Point& point) const {
    const auto seconds = [](Duration time) {
      return std::chrono::round<std::chrono::seconds>(time).count();
    };
    const std::string line = fmt::format("{}/{} s  {}", seconds(Clock::now() - begin_),
                                         seconds(budget_), point_line(point));
    // A terminal of 80 columns must not wrap the line that is to be rewritten.
    if (rewrites_)
      fmt::print(stderr, "\r{:.79}\x1b[K", line);
    else
      fmt::print(stderr, "{}\n", line);
  }

 private:
  Duration budget_;
  TimePoint begin_ = Clock::now();
  bool rewrites_ = isatty(STDERR_FILENO) != 0;
};

Objective searched_objective(const std::string& text) {
  Objective objective = Objective::parse(text);
  if (std::ranges::any_of(objective.terms,
                          [](const Term& term) { return term.quantity == Term::Quantity::rate; }))
    throw std::invalid_argument(
        "--find-max looks for the highest rate, so that the objective can't name one: leave the "
        "term with rate out");
  return objective;
}

}  // namespace

bool is_search(const Options& options) {
  return !options.find_max.empty() || !options.sweep.empty();
}

Search search_of(const Options& options, const RunSpec& spec) {
  Search search{.spec = spec,
                .budget = options.duration > Duration{} ? options.duration : usual_budget};
  if (options.sweep.empty())
    search.objective = searched_objective(options.find_max);
  else
    search.rates_per_s = parse_sweep(options.sweep);
  const auto windows = std::max<std::size_t>(1, search.rates_per_s.size() / 10);
  if (search.budget < min_budget * windows)
    throw std::invalid_argument(fmt::format(
        "the windows would be too short: give them a --duration of {} s in all, or more", windows));
  return search;
}

int exit_code_of(const SearchReport& report) {
  if (report.interrupted) return exit_interrupted;
  if (report.max) {
    using Finding = MaxRate::Finding;
    if (report.max->finding == Finding::never_held || report.max->finding == Finding::server_gone)
      return exit_failed;
    return report.max->finding == Finding::found && report.max->confirmed ? 0 : exit_no_verdict;
  }
  const auto& points = report.points;
  if (std::ranges::any_of(points, [](const Point& one) {
        return one.report.answered == 0 || one.report.silent_for > Duration{};
      }))
    return exit_failed;
  return std::ranges::any_of(points,
                             [](const Point& one) { return one.report.verdict.trusted == false; })
             ? exit_no_verdict
             : 0;
}

int carry_out_search(const Search& search, bool as_json, const Plot* plot, StopToken stop) {
  SearchReport report;
  {
    const WindowLine line(search.budget);
    report = run_command(search, stop, std::cref(line));
  }
  if (as_json)
    fmt::print("{}\n", json_text(to_json(search, report)));
  else
    fmt::print("{}", text(search, report));
  if (plot) plot->draw(to_json(search, report));
  return exit_code_of(report);
}

}  // namespace contend::load
