// Suites that are simulated from slices that were recorded.
#include "harness/ab/replay.hpp"

#include <time.h>

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>

#include "harness/base/random.hpp"

namespace contend::ab {
namespace {

/// As time_of_day() writes it, in ms.
std::int64_t milliseconds_of(const std::string& at) {
  tm parts{};
  const char* const rest = strptime(at.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) throw std::invalid_argument(at + " is no time");
  const double fraction = *rest == '.' ? std::strtod(rest, nullptr) : 0;
  return timegm(&parts) * 1000 + static_cast<std::int64_t>(fraction * 1000);
}

/// What a slice needs to be judged; histograms and spans are of no use here.
Sample light(const Sample& sample) {
  Sample copy;
  copy.cell = sample.cell;
  copy.status = sample.status;
  copy.reason = sample.reason;
  copy.errors = sample.errors;
  copy.client_limited = sample.client_limited;
  copy.window_ns = sample.window_ns;
  for (const char* kept : {"steal_share", "foreign_cpu_share"})
    if (const auto found = sample.metrics.find(kept); found != sample.metrics.end())
      copy.metrics.insert(*found);
  for (const std::string_view name : compared_metric_names())
    if (const auto found = sample.metrics.find(std::string(name)); found != sample.metrics.end())
      copy.metrics.insert(*found);
  return copy;
}

void slow_down(Sample& sample, double slowdown) {
  for (auto& [name, value] : sample.metrics) {
    if (!value || name == "steal_share" || name == "foreign_cpu_share") continue;
    const ComparedMetric& metric = compared_metric(name);
    if (metric.drifts) value = metric.larger_is_better ? *value / slowdown : *value * slowdown;
  }
}

}  // namespace

Replay::Replay(const Result& base, const Result& head) {
  std::map<std::string, std::vector<const Sample*>> by_cell;
  std::vector<const Sample*> all;
  for (const Result* result : {&base, &head})
    for (const Sample& sample : result->samples) {
      by_cell[sample.cell].push_back(&sample);
      all.push_back(&sample);
    }
  const auto time = [](const Sample* sample) { return milliseconds_of(sample->at); };
  std::ranges::stable_sort(all, {}, time);
  std::map<std::string, std::vector<double>> took;
  for (std::size_t i = 0; i + 1 < all.size(); ++i)
    took[all[i]->cell].push_back(static_cast<double>(time(all[i + 1]) - time(all[i])));
  for (const CellResult& cell : base.cells) {
    const std::string id = cell.cell.id();
    std::vector<const Sample*>& samples = by_cell[id];
    const std::size_t whole = samples.size() - samples.size() % slices_a_block;
    if (whole == 0) continue;
    std::ranges::sort(samples, {},
                      [](const Sample* one) { return std::pair(one->round, one->order); });
    Recorded recorded{
        .cell = {.id = id, .metrics = {}},
        .slices = {},
        .each = std::chrono::microseconds(static_cast<std::int64_t>(median(took[id]) * 1000))};
    for (const ComparedMetric& metric : compared_metrics(cell.cell.role))
      recorded.cell.metrics.push_back(metric);
    for (std::size_t i = 0; i < whole; ++i) recorded.slices.push_back(light(*samples[i]));
    cells_.push_back(std::move(recorded));
  }
  if (cells_.empty())
    throw std::invalid_argument("there is no whole block of slices to simulate by");
}

std::size_t Replay::comparisons() const {
  std::size_t count = 0;
  for (const Recorded& recorded : cells_) count += recorded.cell.metrics.size();
  return count;
}

std::vector<Evidence> Replay::suite(const Plan& plan, double slowdown) const {
  std::mt19937_64 generator(plan.seed);
  std::vector<std::size_t> next;
  std::vector<ScreenedCell> cells;
  for (const Recorded& recorded : cells_) {
    next.push_back(slices_a_block *
                   uniform_below(generator, recorded.slices.size() / slices_a_block));
    cells.push_back(recorded.cell);
  }
  TimePoint now{};
  const auto measure = [&](Which side, std::size_t cell, unsigned, unsigned) {
    const Recorded& recorded = cells_[cell];
    Sample sample = recorded.slices[next[cell]++ % recorded.slices.size()];
    if (side == Which::head && slowdown != 1) slow_down(sample, slowdown);
    now += recorded.each;
    return sample;
  };
  Slices slices(
      cells, plan, measure, [&] { return now; }, [](auto, auto, auto) {});
  slices.run();
  return slices.evidence();
}

}  // namespace contend::ab
