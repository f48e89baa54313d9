// Two programs made with Google Benchmark.
#include "harness/ab/benchmarks.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "harness/ab/benchmark_report.hpp"
#include "harness/ab/program_pair.hpp"
#include "harness/process/child.hpp"

namespace contend::ab {
namespace {

constexpr Duration list_within = std::chrono::seconds(10);
/// Beyond the slice, for a benchmark that prepares much, or has a number of iterations of its own.
constexpr Duration beyond_slice = std::chrono::seconds(60);

std::vector<Listed> benchmarks_of(const Setting& setting, const std::string& program) {
  Child child(setting.guard, {.arguments = {program, "--benchmark_list_tests=true"}});
  const std::string text = child.read_all(Clock::now() + list_within, setting.stop);
  std::vector<Listed> listed;
  for (const std::string& name : parse_benchmark_list(text, program))
    listed.push_back({.name = name, .summary = name});
  return listed;
}

Sample measure_benchmark(const Setting& setting, const MeasuredSide& side, const Cell& cell,
                         const std::string& name, const Placement& placement) {
  return sample_of(setting.guard, cell.id(), [&](Sample& sample) {
    const std::chrono::duration<double> seconds = cell.options.window;
    Child child(setting.guard,
                {.arguments = {side.side.command.front(), "--benchmark_format=json",
                               "--benchmark_filter=" + pattern_of(name),
                               fmt::format("--benchmark_min_time={:.6f}", seconds.count())},
                 .cpus = all_cpus(placement)});
    const TimePoint deadline = Clock::now() + cell.options.window + beyond_slice;
    take_benchmark_report(child.read_all(deadline, setting.stop), name, sample);
  });
}

}  // namespace

Subject benchmarks(const AbOptions& options, const Setting& setting) {
  if (options.head.empty())
    throw std::invalid_argument("with --micro, --head is needed, too: the program that is judged");
  const std::string program = std::filesystem::path(options.head).filename();
  std::vector<std::string> names;
  Subject subject = pair_up({.suite = "micro",
                             .engine = fitting_names({program}).front(),
                             .summary = "micro-benchmarks of " + program,
                             .base = program_side(setting, options.base, options.base_name),
                             .head = program_side(setting, options.head, options.head_name),
                             .of_base = benchmarks_of(setting, options.base),
                             .of_head = benchmarks_of(setting, options.head),
                             .metrics = benchmark_metrics(),
                             .window = options.slice},
                            options.selection.workloads, names);
  subject.measure = [setting, names](const MeasuredSide& side, std::size_t cell,
                                     const Placement& placement) {
    return with_noise(
        [&] { return measure_benchmark(setting, side, side.cells[cell], names[cell], placement); });
  };
  return subject;
}

}  // namespace contend::ab
