// OpenMetrics 1.0's text, for Prometheus and what reads the same: gauges of one result, without
// times of their own (https://prometheus.io/docs/specs/om/open_metrics_spec).
//   contend export results/latest --format openmetrics --out contend.prom
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <utility>

#include "harness/base/text.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"

namespace contend::exports {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// All lines of a family stand together, so that they are collected first.
class MetricFamily {
 public:
  MetricFamily(std::string_view name, std::string_view help) : name_(name), help_(help) {}

  void add(const Labels& labels, double value) {
    if (!std::isfinite(value)) return;
    std::string inside;
    for (const auto& [label, text] : labels)
      inside += fmt::format("{}{}=\"{}\"", inside.empty() ? "" : ",", label, label_value(text));
    lines_ += fmt::format("{}{{{}}} {}\n", name_, inside, number(value));
  }
  void add(const Labels& labels, const std::optional<double>& value) {
    if (value) add(labels, *value);
  }
  std::string text() const {
    if (lines_.empty()) return {};
    return fmt::format("# TYPE {} gauge\n# HELP {} {}\n{}", name_, name_, help_, lines_);
  }

 private:
  std::string_view name_, help_;
  std::string lines_;
};

MetricFamily run_family(const Source& source) {
  MetricFamily family("contend_run", "1 where the run is complete, else 0.");
  Labels labels{{"run", source.run_id()},
                {"suite", source.suite()},
                {"machine", source.machine().fingerprint}};
  const ab::AbResult* const compared = source.comparison();
  if (compared != nullptr) {
    labels.emplace_back("base", compared->base.name);
    labels.emplace_back("head", compared->head.name);
  } else {
    labels.emplace_back("revision", source.commit());
  }
  const bool complete =
      compared != nullptr ? compared->run.complete : source.result()->run.complete;
  family.add(labels, complete ? 1 : 0);
  return family;
}

std::string result_text(const Source& source) {
  MetricFamily value("contend_metric", "Median over the samples of a cell.");
  MetricFamily low("contend_metric_low",
                   "Lower end of the 95 % confidence interval of contend_metric.");
  MetricFamily high("contend_metric_high",
                    "Upper end of the 95 % confidence interval of contend_metric.");
  for (const Figure& figure : figures_of(source)) {
    const Labels labels{{"cell", figure.cell},
                        {"engine", figure.engine},
                        {"workload", figure.workload},
                        {"metric", figure.metric},
                        {"unit", figure.unit.name}};
    value.add(labels, figure.value);
    low.add(labels, figure.low);
    high.add(labels, figure.high);
  }
  return value.text() + low.text() + high.text();
}

std::string comparison_text(const ab::AbResult& result) {
  MetricFamily verdict("contend_verdict", "1 for the verdict of a comparison of two sides.");
  MetricFamily ratio("contend_cost_ratio",
                     "Cost of the head by cost of the base: above 1 it is worse.");
  MetricFamily low("contend_cost_ratio_low", "Lower end of the interval of contend_cost_ratio.");
  MetricFamily high("contend_cost_ratio_high", "Upper end of the interval of contend_cost_ratio.");
  MetricFamily value("contend_metric", "Median over the slices of a side.");
  std::map<std::string_view, const ab::ComparedCell*> cells;
  for (const ab::ComparedCell& cell : result.cells) cells.emplace(cell.id, &cell);
  for (const ab::Comparison& comparison : result.comparisons) {
    const ab::ComparedCell& cell = *cells.at(comparison.cell);
    const Labels labels{{"cell", cell.id},
                        {"engine", cell.engine},
                        {"workload", cell.workload},
                        {"metric", comparison.metric}};
    const auto with = [&](std::string_view label, std::string_view text) {
      Labels more = labels;
      more.emplace_back(label, text);
      return more;
    };
    verdict.add(with("verdict", to_string(comparison.verdict)), 1);
    if (comparison.ratio) {
      ratio.add(labels, comparison.ratio->estimate);
      low.add(labels, comparison.ratio->low);
      high.add(labels, comparison.ratio->high);
    }
    for (const auto& [side, median] :
         {std::pair("base", comparison.base), {"head", comparison.head}}) {
      Labels more = with("side", side);
      more.emplace_back("unit", unit_of(comparison.metric).name);
      value.add(more, median);
    }
  }
  return verdict.text() + ratio.text() + low.text() + high.text() + value.text();
}

std::vector<std::string> write_openmetrics(std::span<const Source> sources,
                                           const Choices& /*choices*/) {
  const Source& source = sources.front();
  return {run_family(source).text() +
          (source.result() ? result_text(source) : comparison_text(*source.comparison())) +
          "# EOF\n"};
}

}  // namespace

extern const Format openmetrics_format;
const Format openmetrics_format{.name = "openmetrics",
                                .summary = "OpenMetrics 1.0, for Prometheus: gauges with labels",
                                .write = write_openmetrics};

}  // namespace contend::exports
