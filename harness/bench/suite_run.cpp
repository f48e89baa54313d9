// A suite from its file to its result.
#include "harness/bench/suite_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "engines/exit_codes.hpp"
#include "harness/base/build.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/text.hpp"
#include "harness/bench/cell.hpp"
#include "harness/bench/runner.hpp"
#include "harness/machine/noise.hpp"
#include "harness/process/child.hpp"
#include "workloads/json_text.hpp"

namespace contend {
namespace {

ResultFolder start_anew(const SuiteOptions& options, const Host& host,
                        const std::vector<std::string>& command, Result& result) {
  Suite suite = load_suite(options.suite);
  if (const double scale = options.scale.value_or(suite.scale); scale != 1) rescale(suite, scale);
  for (const Cell& cell : expand(suite, host, options.selection)) {
    result.cells.emplace_back();
    result.cells.back().cell = cell;
  }
  ResultFolder folder = ResultFolder::create(options.out, suite.name);
  result.run = {.id = folder.id(),
                .suite = suite.name,
                .seed = options.seed ? *options.seed : fresh_seed(),
                .rounds = options.rounds.value_or(suite.rounds),
                .rounds_finished = 0,
                .complete = false,
                .started_at = time_of_day(),
                .finished_at = {},
                .command = command};
  return folder;
}

/// Samples of two machines, or of two builds, must never be in one result.
void check_same(const Result& before, const Result& now, const std::string& folder) {
  const auto check = [&](const char* what, const std::string& was, const std::string& is) {
    if (was == is) return;
    throw std::invalid_argument(
        fmt::format("{} can't be gone on with: its {} was '{}' and is '{}'; start a new run",
                    folder, what, was, is));
  };
  check("machine", before.machine.fingerprint, now.machine.fingerprint);
  check("kernel", before.machine.kernel, now.machine.kernel);
  check("harness revision", before.build.revision, now.build.revision);
  check("harness flags", before.build.flags + before.build.sanitizers,
        now.build.flags + now.build.sanitizers);
  check("host program (sha256)", before.build.engine_binary_sha256, now.build.engine_binary_sha256);
  check("placement", json_text(placement_json(before.placement)),
        json_text(placement_json(now.placement)));
}

/// The suite, the seed and the order are those of the result that is there.
ResultFolder go_on(const SuiteOptions& options, const Host& host, Result& result) {
  ResultFolder folder = ResultFolder::open(options.resume);
  Result before = folder.result();
  check_same(before, result, options.resume);
  for (const CellResult& cell : before.cells) host.engine(cell.cell.engine);  // or throws
  result.run = before.run;
  result.cells = std::move(before.cells);
  result.noise = before.noise;
  result.samples = folder.samples();
  return folder;
}

std::vector<unsigned> samples_left(const Result& result) {
  std::map<std::string, unsigned, std::less<>> measured;
  for (const Sample& sample : result.samples) measured[sample.cell] += 1;
  std::vector<unsigned> left;
  for (const CellResult& cell : result.cells) {
    const auto found = measured.find(cell.cell.id());
    left.push_back(result.run.rounds - (found == measured.end() ? 0 : found->second));
  }
  return left;
}

void announce(const Result& result, const Progress& progress, const ResultFolder& folder) {
  fmt::print(stderr, "{}: {} cells, {}, seed {}; about {}; into {}\n",
             terminal_text(result.run.suite), result.cells.size(), rounds_text(result.run.rounds),
             result.run.seed, text_of(progress.left()), folder.path().string());
  if (result.placement.note)
    fmt::print(stderr, "note: {}\n", terminal_text(*result.placement.note));
}

}  // namespace

Result circumstances(const Host& host, const std::string& sha256) {
  Result result;
  result.machine = read_machine();
  const BuildInfo build = build_info();
  result.build = {.version = std::string(build.version),
                  .revision = std::string(build.revision),
                  .compiler = std::string(build.compiler),
                  .flags = std::string(build.flags),
                  .build_type = std::string(build.build_type),
                  .sanitizers = std::string(build.sanitizers),
                  .engine_binary_sha256 = sha256};
  result.placement = choose_placement(cores_allowed());
  for (const HostEngine& engine : host.engines)
    result.engines.push_back(
        {engine.name, engine.summary, engine.charted, engine.outside(), engine.unavailable});
  for (const HostWorkload& workload : host.workloads)
    result.workloads.push_back({workload.name, workload.summary, workload.role, workload.kinds});
  return result;
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return device() & 0x7fffffff;
}

std::string rounds_text(unsigned rounds) {
  return fmt::format("{} round{}", rounds, rounds == 1 ? "" : "s");
}

SuiteRun run_suite(const SuiteOptions& options, const Programs& programs,
                   const std::vector<std::string>& command) {
  const Interruption interruption;
  const StopToken stop = interruption.token();
  const Guard guard;
  const Host host = ask_programs(guard, programs, stop);
  Result result = circumstances(host, sha256_of(guard, programs.host, stop));
  ResultFolder folder = options.resume.empty() ? start_anew(options, host, command, result)
                                               : go_on(options, host, result);

  const Bench bench{.guard = guard,
                    .host = host,
                    .origin = programs.origin,
                    .load = programs.harness,
                    .placement = result.placement,
                    .stop = stop};
  std::vector<Cell> cells;
  for (const CellResult& cell : result.cells) cells.push_back(cell.cell);
  const CpuReading before = read_cpu();
  bool interrupted = false;
  try {
    Progress progress(cells, samples_left(result), result.run.rounds, stderr);
    announce(result, progress, folder);
    Runner(
        folder, result, progress, [&](const Cell& cell) { return measure(bench, cell); },
        [&] { return noise_between(before, read_cpu()); })
        .run();
  } catch (const Interrupted&) {
    fmt::print(stderr, "interrupted; {} samples are kept. Go on with: {} {}{} --resume {}\n",
               result.samples.size(), command.front(), command.at(1),
               (programs.host == programs.origin ? "" : " --host " + programs.host) +
                   (programs.external.empty() ? "" : " --external " + programs.external),
               folder.path().string());
    interrupted = true;
  }
  return {.result = std::move(result), .folder = folder.path(), .interrupted = interrupted};
}

int exit_code_of(const SuiteRun& run) {
  if (run.interrupted) return exit_interrupted;
  const auto good = [](const CellResult& cell) { return cell.samples > 0; };
  const auto skipped = [](const CellResult& cell) {
    return cell.status == CellResult::Status::skipped;
  };
  if (std::ranges::any_of(run.result.cells, good)) return 0;
  return std::ranges::all_of(run.result.cells, skipped) ? exit_unavailable : exit_failed;
}

}  // namespace contend
