// The history of one metric of one cell.
#include "harness/history/series.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace contend::history {

std::size_t Series::commits() const {
  return static_cast<std::size_t>(std::ranges::count_if(points, &Point::judges));
}

std::vector<Change> changes_of(const Series& series, const ChangeRule& rule) {
  std::vector<double> ratios;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    if (!series.points[i].judges()) continue;
    ratios.push_back(series.points[i].ratio);
    indices.push_back(i);
  }
  std::vector<Change> changes = change_points(ratios, rule);
  for (Change& change : changes) change.index = indices[change.index];
  return changes;
}

bool Selection::wants(const Series& series) const {
  return (cell.empty() || fnmatch(cell.c_str(), series.cell.c_str(), 0) == 0) &&
         (metric.empty() || metric == series.metric) &&
         (machine.empty() || machine == series.machine);
}

}  // namespace contend::history
