// What a selftest found, counted and shown.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/ab/selftest.hpp"
#include "harness/base/table.hpp"

namespace contend::ab {
namespace {

using nlohmann::json;

constexpr double confidence = 0.95;

Found& entry(SelftestReport& report, double percent, const std::string& cell,
             const std::string& metric) {
  auto slowdown = std::ranges::find(report.slowdowns, percent, &SlowdownFound::percent);
  if (slowdown == report.slowdowns.end())
    slowdown = report.slowdowns.insert(slowdown, {.percent = percent, .found = {}});
  const auto is_it = [&](const Found& one) { return one.cell == cell && one.metric == metric; };
  auto found = std::ranges::find_if(slowdown->found, is_it);
  if (found == slowdown->found.end())
    found = slowdown->found.insert(found, {.cell = cell, .metric = metric});
  return *found;
}

/// What the slowdown makes of a cost; memory is not slowed.
double truth_of(const Comparison& comparison, double percent) {
  return compared_metric(comparison.metric).drifts ? 1 + percent / 100 : 1;
}

std::string percent_text(const Proportion& proportion) {
  if (proportion.trials == 0) return "-";
  const auto [low, high] = proportion.interval(confidence);
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", proportion.value() * 100, low * 100,
                     high * 100);
}

std::string count_text(const Proportion& proportion) {
  return proportion.trials == 0 ? "-" : fmt::format("{}/{}", proportion.hits, proportion.trials);
}

json to_json(const Proportion& proportion) {
  const auto [low, high] = proportion.interval(confidence);
  return {{"hits", proportion.hits},
          {"trials", proportion.trials},
          {"share", proportion.value()},
          {"low", low},
          {"high", high}};
}

json to_json(const Found& found) {
  return {{"cell", found.cell},
          {"metric", found.metric},
          {"simulated", to_json(found.simulated)},
          {"measured", to_json(found.measured)},
          {"covered", to_json(found.covered)},
          {"ratio", nullable(found.estimate)}};
}

/// All cells of a workload together: the proportions added up, of the estimates the median.
struct OfWorkload {
  std::string workload, metric;
  Proportion simulated{}, measured{}, covered{};
  std::vector<double> estimates{};
};

void add(const Proportion& some, Proportion& to) {
  to.hits += some.hits;
  to.trials += some.trials;
}

std::vector<OfWorkload> by_workload(const SlowdownFound& slowdown) {
  std::vector<OfWorkload> all;
  for (const Found& found : slowdown.found) {
    const std::string workload = found.cell.substr(0, found.cell.find('/'));
    auto of = std::ranges::find_if(all, [&](const OfWorkload& one) {
      return one.workload == workload && one.metric == found.metric;
    });
    if (of == all.end()) of = all.insert(of, {.workload = workload, .metric = found.metric});
    add(found.simulated, of->simulated);
    add(found.measured, of->measured);
    add(found.covered, of->covered);
    if (found.estimate) of->estimates.push_back(*found.estimate);
  }
  return all;
}

std::string table_of(const SlowdownFound& slowdown) {
  std::vector<std::vector<std::string>> rows{{"workload", "metric", "found, simulated",
                                              "found, measured", "cost, measured",
                                              "interval holds it"}};
  for (const OfWorkload& found : by_workload(slowdown))
    rows.push_back({found.workload, found.metric, percent_text(found.simulated),
                    count_text(found.measured),
                    found.estimates.empty() ? "-" : change_text(median(found.estimates)),
                    count_text(found.covered)});
  return aligned(rows);
}

}  // namespace

void simulate(const Replay& replay, const SelftestOptions& options, SelftestReport& report,
              const std::function<void(double share)>& progress) {
  std::vector<double> slowdowns = options.slowdowns;
  slowdowns.insert(slowdowns.begin(), 0);
  const auto for_all = options.screen * static_cast<std::int64_t>(replay.cells());
  std::size_t done = 0;
  for (const double percent : slowdowns) {
    for (unsigned suite = 0; suite < options.suites; ++suite) {
      const std::vector<Evidence> evidence =
          replay.suite({.seed = options.seed + suite,
                        .budget = options.budget,
                        .screen = std::min(for_all, options.budget / 2),
                        .rules = {.alpha = options.alpha_percent / 100}},
                       1 + percent / 100);
      bool alarmed = false;
      for (const Evidence& one : evidence) {
        const bool regressed = one.comparison.verdict == Verdict::regressed;
        entry(report, percent, one.comparison.cell, one.comparison.metric)
            .simulated.count(regressed);
        alarmed = alarmed || regressed;
      }
      if (percent == 0) report.alarms.count(alarmed);
      done += 1;
      progress(static_cast<double>(done) / static_cast<double>(slowdowns.size() * options.suites));
    }
  }
}

void take_measured(const AbResult& result, double percent, SelftestReport& report) {
  for (const Comparison& comparison : result.comparisons) {
    Found& found = entry(report, percent, comparison.cell, comparison.metric);
    found.measured.count(comparison.verdict == Verdict::regressed);
    if (comparison.verdict == Verdict::invalid || !comparison.ratio->low) continue;
    const double truth = truth_of(comparison, percent);
    found.covered.count(*comparison.ratio->low <= truth && truth <= *comparison.ratio->high);
    found.estimate = comparison.ratio->estimate;
  }
  if (percent == 0) report.measured_alarms.count(result.count(Verdict::regressed) > 0);
}

json to_json(const SelftestReport& report) {
  json slowdowns = json::array();
  for (const SlowdownFound& slowdown : report.slowdowns) {
    json found = json::array();
    for (const Found& one : slowdown.found) found.push_back(to_json(one));
    slowdowns.push_back({{"percent", slowdown.percent}, {"found", found}});
  }
  return {{"schema_version", ab_schema_version},
          {"cells", report.cells},
          {"selftest_comparisons", report.comparisons},
          {"budget_ns", report.budget.count()},
          {"alpha", report.alpha},
          {"false_alarms", to_json(report.alarms)},
          {"false_alarms_measured", to_json(report.measured_alarms)},
          {"slowdowns", slowdowns},
          {"fingerprint", report.fingerprint},
          {"folders", report.folders}};
}

std::string text_of(const SelftestReport& report) {
  std::string text = fmt::format(
      "{} cells, {} comparisons, at most {:.3g} min a suite.\n"
      "Suites of the same program twice that raise a false alarm: {} of {} simulated ones{}.\n"
      "Intervals are of 95 % (Clopper and Pearson); simulated from recorded slices (replay.hpp).\n",
      report.cells, report.comparisons,
      std::chrono::duration<double, std::ratio<60>>(report.budget).count(),
      percent_text(report.alarms), report.alarms.trials,
      report.measured_alarms.trials == 0 ? ""
                                         : ", " + count_text(report.measured_alarms) + " measured");
  for (const SlowdownFound& slowdown : report.slowdowns)
    text += slowdown.percent == 0
                ? fmt::format("\nThe same program twice: false alarms\n{}", table_of(slowdown))
                : fmt::format("\nSlower by {:g} %\n{}", slowdown.percent, table_of(slowdown));
  return text;
}

}  // namespace contend::ab
