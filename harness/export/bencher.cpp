// Bencher Metric Format (BMF), which Bencher's adapter `json` reads: by benchmark and measure a
// value with its limits (https://bencher.dev/docs/reference/bencher-metric-format). A cell is a
// benchmark, a metric a measure; whether less or more of it is better is said to Bencher, by a
// threshold.
//   contend export results/latest --format bencher | bencher run --adapter json ...
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/base/text.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"
#include "workloads/json_text.hpp"

namespace contend::exports {
namespace {

using nlohmann::ordered_json;

/// Of a benchmark's and of a measure's name, in characters; these are bytes, which are not fewer.
constexpr std::size_t max_benchmark_length = 1024, max_measure_length = 64;

std::vector<std::string> write_bencher(std::span<const Source> sources,
                                       const Choices& /*choices*/) {
  const Source& source = sources.front();
  ordered_json benchmarks = ordered_json::object();
  for (const Figure& figure : figures_of(source)) {
    ordered_json measure{{"value", figure.value}};
    if (figure.low) measure["lower_value"] = *figure.low;
    if (figure.high) measure["upper_value"] = *figure.high;
    benchmarks[limited(figure.cell, max_benchmark_length)]
              [limited(figure.metric, max_measure_length)] = std::move(measure);
  }
  if (benchmarks.empty())
    throw std::invalid_argument(source.where +
                                ": nothing in it was measured, so there is nothing to export");
  return {json_text(benchmarks, 2) + "\n"};
}

}  // namespace

extern const Format bencher_format;
const Format bencher_format{
    .name = "bencher",
    .summary = "Bencher Metric Format: a benchmark a cell, a measure a metric, with its interval",
    .write = write_bencher};

}  // namespace contend::exports
