// Hosts as a subject, and the choice among the kinds of subjects.
#include "harness/ab/subjects.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/ab/benchmarks.hpp"
#include "harness/ab/counting.hpp"

namespace contend::ab {

Subject subject_of(const AbOptions& options, const Setting& setting) {
  if (options.instructions) return counted_cases(options, setting);
  return options.micro ? benchmarks(options, setting) : hosts(options, setting);
}

Subject hosts(const AbOptions& options, const Setting& setting) {
  const auto& [guard, programs, stop] = setting;
  const Suite suite = load_suite(options.suite);
  Subject subject{.suite = suite.name};
  subject.base = ask_side(guard, options.base, options.base_name, stop);
  subject.head = ask_side(guard, options.head.empty() ? programs.origin : options.head,
                          options.head_name, stop);
  subject.left_out =
      match_cells(suite, options.selection, options.slice, subject.base, subject.head);
  if (subject.base.cells.empty())
    throw std::invalid_argument(fmt::format(
        "the two have no cell of the suite {} in common that can be compared here", suite.name));
  for (const Cell& cell : subject.base.cells) {
    const auto metrics = compared_metrics(cell.role);
    subject.cells.push_back({.id = cell.id(), .metrics = {metrics.begin(), metrics.end()}});
  }
  subject.measure = [setting](const MeasuredSide& side, std::size_t cell,
                              const Placement& placement) {
    const Bench bench{.guard = setting.guard,
                      .host = side.host,
                      .origin = setting.programs.origin,
                      .load = setting.programs.harness,
                      .placement = placement,
                      .stop = setting.stop};
    return with_noise([&] { return measure(bench, side.cells[cell]); });
  };
  return subject;
}

}  // namespace contend::ab
