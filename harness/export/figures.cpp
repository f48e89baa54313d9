// One number after another, with units and directions.
#include "harness/export/figures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>

#include "harness/base/table.hpp"
#include "harness/bench/result_table.hpp"

namespace contend::exports {
namespace {

constexpr std::string_view ratio_suffix = "_cost_ratio";
constexpr Unit ratio_unit{.name = "head / base", .better = Better::smaller};

bool is_finite(const std::optional<double>& value) {
  return !value || std::isfinite(*value);
}

/// The figure with each number n as `scale / n`, or null where that is no finite number.
std::optional<Figure> turned_over(const Figure& figure, double scale) {
  const auto turned = [&](const std::optional<double>& value) {
    return value ? std::optional(scale / *value) : std::nullopt;
  };
  Figure over = figure;
  over.value = scale / figure.value;
  over.low = turned(figure.high);
  over.high = turned(figure.low);
  if (!std::isfinite(over.value) || !is_finite(over.low) || !is_finite(over.high))
    return std::nullopt;
  return over;
}

bool ends_with_word(std::string_view name, std::string_view end) {
  if (!name.ends_with(end)) return false;
  return name.size() == end.size() || name[name.size() - end.size() - 1] == '.';
}

void add_cell(const CellResult& cell, std::vector<Figure>& to) {
  for (const auto& [metric, interval] : cell.metrics)
    if (std::isfinite(interval.median) && is_finite(interval.low) && is_finite(interval.high))
      to.push_back({.cell = cell.cell.id(),
                    .engine = cell.cell.engine,
                    .workload = cell.cell.workload,
                    .metric = metric,
                    .unit = unit_of(metric),
                    .value = interval.median,
                    .low = interval.low,
                    .high = interval.high,
                    .note = notes_of(cell)});
}

std::string percent_text(double share) {
  return fmt::format("{:g} %", std::round(share * 1e4) / 1e2);
}

}  // namespace

Unit unit_of(std::string_view metric) {
  using enum Better;
  if (ends_with_word(metric, "throughput_per_s")) return {"1/s", bigger};
  if (ends_with_word(metric, "fairness_jain")) return {"", bigger};
  if (ends_with_word(metric, "starved_connections")) return {"connections", smaller};
  if (metric.ends_with("_share")) return {"", neither};
  if (metric.ends_with("_switches_per_operation")) return {"1/operation", smaller};
  if (ends_with_word(metric, "instructions")) return {"instructions", smaller};
  if (metric.ends_with("instructions_per_operation")) return {"1/operation", smaller};
  if (metric.ends_with("_ns_per_operation") || ends_with_word(metric, "ns_per_operation"))
    return {"ns/operation", smaller};
  if (metric.ends_with("_ns")) return {"ns", smaller};
  if (metric.ends_with("_bytes")) return {"bytes", smaller};
  return {};
}

std::vector<Figure> figures_of(const Source& source) {
  std::vector<Figure> figures;
  if (const Result* const result = source.result()) {
    for (const CellResult& cell : result->cells) add_cell(cell, figures);
    return figures;
  }
  const ab::AbResult& compared = *source.comparison();
  std::map<std::string_view, const ab::ComparedCell*> cells;
  for (const ab::ComparedCell& cell : compared.cells) cells.emplace(cell.id, &cell);
  for (const ab::Comparison& comparison : compared.comparisons) {
    if (!comparison.ratio) continue;
    const ab::ComparedCell& cell = *cells.at(comparison.cell);
    figures.push_back({.cell = comparison.cell,
                       .engine = cell.engine,
                       .workload = cell.workload,
                       .metric = comparison.metric + std::string(ratio_suffix),
                       .unit = ratio_unit,
                       .value = comparison.ratio->estimate,
                       .low = comparison.ratio->low,
                       .high = comparison.ratio->high,
                       .note = sentence(comparison, compared.run.confidence)});
  }
  return figures;
}

std::optional<Figure> cost_of(const Figure& figure) {
  if (figure.unit.better == Better::smaller) return figure;
  if (figure.unit.better == Better::neither) return std::nullopt;
  const std::size_t kind = figure.metric.rfind('.') + 1;  // npos + 1 is 0
  const bool rate = figure.unit.name == "1/s";
  auto cost = turned_over(figure, rate ? 1e9 : 1);
  if (!cost) return std::nullopt;
  cost->metric = figure.metric.substr(0, kind) +
                 (rate ? "ns_per_operation" : "inverse_" + figure.metric.substr(kind));
  cost->unit = {.name = rate ? "ns/operation" : "", .better = Better::smaller};
  return cost;
}

std::optional<Figure> gain_of(const Figure& figure) {
  if (figure.unit.better == Better::bigger) return figure;
  if (!figure.metric.ends_with(ratio_suffix)) return std::nullopt;
  auto gain = turned_over(figure, 1);
  if (!gain) return std::nullopt;
  gain->metric = "inverse_" + figure.metric;
  gain->unit = {.name = "base / head", .better = Better::bigger};
  return gain;
}

std::string finding(const ab::Comparison& comparison, double confidence) {
  std::vector<std::string> parts;
  if (comparison.ratio) {
    parts.push_back("cost " + change_text(comparison.ratio->estimate));
    if (comparison.ratio->low && comparison.ratio->high)
      parts.back() +=
          fmt::format(" ({} interval {} to {})", percent_text(confidence),
                      change_text(*comparison.ratio->low), change_text(*comparison.ratio->high));
  }
  if (comparison.base && comparison.head)
    parts.push_back(fmt::format("base {}, head {}",
                                metric_text(comparison.metric, *comparison.base),
                                metric_text(comparison.metric, *comparison.head)));
  parts.push_back(fmt::format("{} pair{}", comparison.pairs, comparison.pairs == 1 ? "" : "s"));
  if (comparison.excluded_pairs > 0)
    parts.back() += fmt::format(", {} excluded", comparison.excluded_pairs);
  if (comparison.confirmed) parts.emplace_back("confirmed on fresh slices");
  if (comparison.reason) parts.push_back(*comparison.reason);
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string sentence(const ab::Comparison& comparison, double confidence) {
  return fmt::format("{}: {}", to_string(comparison.verdict), finding(comparison, confidence));
}

}  // namespace contend::exports
