// The folder of a comparison while it is measured.
#include "harness/ab/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/files.hpp"
#include "harness/bench/suite_run.hpp"
#include "workloads/json_text.hpp"

namespace contend::ab {
namespace {

AbResult circumstances_of(AbRun run, const MeasuredSide& base, const MeasuredSide& head,
                          const std::string& origin_sha256) {
  const Result around = circumstances(base.host, origin_sha256);
  AbResult result{.run = std::move(run),
                  .machine = around.machine,
                  .harness = around.build,
                  .placement = around.placement,
                  .noise = {},
                  .base = base.side,
                  .head = head.side,
                  .cells = {},
                  .comparisons = {}};
  for (const Cell& cell : base.cells)
    result.cells.push_back({.id = cell.id(),
                            .engine = cell.engine,
                            .workload = cell.workload,
                            .variant = cell.options.variant,
                            .role = cell.role,
                            .connections = cell.connections});
  return result;
}

}  // namespace

Recording::Recording(const std::filesystem::path& out, AbRun run, const MeasuredSide& base,
                     const MeasuredSide& head, const std::string& origin_sha256)
    : result_(circumstances_of(std::move(run), base, head, origin_sha256)),
      folder_(new_run_folder(out, result_.run.suite)),
      base_(recorded("base", base)),
      head_(recorded("head", head)) {
  result_.run.id = folder_.filename();
}

Recording::Recorded Recording::recorded(const char* name, const MeasuredSide& side) const {
  Result result =
      circumstances(side.host, side.side.sha256.value_or(result_.harness.engine_binary_sha256));
  for (const Cell& cell : side.cells) {
    result.cells.emplace_back();
    result.cells.back().cell = cell;
  }
  result.run = {.id = folder_.filename().string() + "-" + name,
                .suite = result_.run.suite,
                .seed = result_.run.seed,
                .rounds = 1,
                .rounds_finished = 0,
                .complete = false,
                .started_at = result_.run.started_at,
                .finished_at = {},
                .command = side.side.command};
  return {.result = std::move(result), .folder = ResultFolder::create_within(folder_, name)};
}

void Recording::add(Which side, const Sample& slice) {
  of(side).folder.append(slice);
  of(side).result.samples.push_back(slice);
}

ComparedCell::Slices Recording::count(const Recorded& side, ComparedCell& cell, const char* name,
                                      const Rules& rules) const {
  ComparedCell::Slices slices;
  for (const Sample& sample : side.result.samples) {
    if (sample.cell != cell.id) continue;
    if (sample.reason) cell.reason = fmt::format("{}: {}", name, *sample.reason);
    if (sample.status != Sample::Status::ok) {
      slices.failed += 1;
      continue;
    }
    slices.good += 1;
    slices.client_limited += sample.client_limited ? 1 : 0;
    slices.noisy += is_noisy(sample, rules) ? 1 : 0;
  }
  return slices;
}

AbResult Recording::write(bool complete, std::vector<Comparison> comparisons, const Noise& noise,
                          const Rules& rules) {
  result_.run.complete = complete;
  result_.run.finished_at = complete ? std::optional(time_of_day()) : std::nullopt;
  result_.noise = noise;
  for (Recorded* const side : {&base_, &head_}) {
    Result& result = side->result;
    unsigned blocks = 1;
    for (const Sample& sample : result.samples) blocks = std::max(blocks, sample.round + 1);
    result.run.rounds = result.run.rounds_finished = blocks;
    result.run.complete = complete;
    result.run.finished_at = result_.run.finished_at;
    result.noise = noise;
    std::vector<Cell> cells;
    for (const CellResult& cell : result.cells) cells.push_back(cell.cell);
    result.cells = aggregate(cells, result.samples);
    side->folder.write(result);
  }
  for (ComparedCell& cell : result_.cells) {
    cell.base = count(base_, cell, "base", rules);
    cell.head = count(head_, cell, "head", rules);
  }
  result_.comparisons = std::move(comparisons);
  replace_file(folder_ / "ab.json", json_text(to_json(result_)) + "\n");
  point_latest(folder_);
  return result_;
}

}  // namespace contend::ab
