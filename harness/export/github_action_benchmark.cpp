// Custom benchmarks of the GitHub action github-action-benchmark: an array of numbers, all of which
// are better when smaller (customSmallerIsBetter), or all when bigger (customBiggerIsBetter).
//   contend export results/latest --format github-action-benchmark --out benchmarks.json
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/base/text.hpp"
#include "harness/export/figures.hpp"
#include "harness/export/format.hpp"
#include "workloads/json_text.hpp"

namespace contend::exports {
namespace {

using nlohmann::ordered_json;

/// It identifies a benchmark by its name, from commit to commit.
constexpr std::size_t max_name_length = 512, max_extra_length = 2048;

ordered_json to_json(const Figure& figure, const Source& source) {
  ordered_json entry{{"name", limited(figure.cell + " " + figure.metric, max_name_length)},
                     {"unit", figure.unit.name},
                     {"value", figure.value}};
  if (figure.low && figure.high)
    entry["range"] = fmt::format("{:.6g} to {:.6g}", *figure.low, *figure.high);
  std::string extra =
      fmt::format("run {}, machine {}", source.run_id(), source.machine().fingerprint);
  if (!figure.note.empty()) extra += "\n" + figure.note;
  entry["extra"] = limited(extra, max_extra_length);
  return entry;
}

std::vector<std::string> write_github(std::span<const Source> sources, const Choices& choices) {
  const Source& source = sources.front();
  ordered_json entries = ordered_json::array();
  for (const Figure& figure : figures_of(source)) {
    const auto directed =
        choices.direction == Direction::smaller ? cost_of(figure) : gain_of(figure);
    if (directed) entries.push_back(to_json(*directed, source));
  }
  // The action fails on an empty array, with less to say.
  if (entries.empty())
    throw std::invalid_argument(source.where +
                                ": nothing in it was measured, or can have this "
                                "direction, so there is nothing to export");
  return {json_text(entries, 2) + "\n"};
}

}  // namespace

extern const Format github_format;
const Format github_format{
    .name = "github-action-benchmark",
    .summary =
        "customSmallerIsBetter: everything as a cost, or customBiggerIsBetter with "
        "--direction bigger: throughput and fairness alone, or ratios turned over",
    .takes = Format::direction,
    .write = write_github};

}  // namespace contend::exports
