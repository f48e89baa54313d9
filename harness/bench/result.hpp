// A whole run, as result.json holds it (results/README.md, results/schema.json): the one place
// that writes and reads it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/bench/sample.hpp"
#include "harness/bench/suite.hpp"
#include "harness/machine/machine.hpp"
#include "harness/machine/noise.hpp"
#include "harness/machine/placement.hpp"
#include "harness/process/host_list.hpp"
#include "harness/stats/histogram.hpp"
#include "harness/stats/medians.hpp"

namespace contend {

inline constexpr int schema_version = 1;

struct RunInfo {
  std::string id, suite;
  std::uint64_t seed = 0;  ///< Below 2^63, so that every reader of JSON keeps it.
  unsigned rounds = 1, rounds_finished = 0;
  bool complete = false;
  std::string started_at;
  std::optional<std::string> finished_at;
  std::vector<std::string> command;
};

struct BuildRecord {
  std::string version, revision, compiler, flags, build_type, sanitizers, engine_binary_sha256;
};

struct EngineRecord {
  std::string name, summary;
  bool charted = true, outside = false;
  std::optional<std::string> unavailable;
};

struct WorkloadRecord {
  std::string name, summary;
  Role role = Role::serve;
  std::vector<std::string> kinds;
};

/// A cell with what its samples say together.
struct CellResult {
  enum class Status : std::uint8_t { ok, partial, failed, skipped };

  Cell cell;
  Status status = Status::skipped;
  std::optional<std::string> reason;
  unsigned samples = 0, failed_samples = 0, client_limited_samples = 0;
  std::map<std::string, std::uint64_t> errors;
  std::map<std::string, Interval> metrics;
};
std::string_view to_string(CellResult::Status status);

struct Result {
  RunInfo run;
  Machine machine;
  BuildRecord build;
  Placement placement;
  Noise noise;
  std::vector<EngineRecord> engines;
  std::vector<WorkloadRecord> workloads;
  std::vector<CellResult> cells;
  std::vector<Sample> samples;
};

/// What the samples say of each cell, in the order of `cells`.
std::vector<CellResult> aggregate(const std::vector<Cell>& cells,
                                  const std::vector<Sample>& samples);

/// The latency of all good replies of a cell: percentiles are taken from this, never from the
/// samples' own. `kind` as in Sample::histograms.
Histogram merged_latency(const Cell& cell, const std::vector<Sample>& samples,
                         const std::string& kind = "all");

nlohmann::json to_json(const Result& result);
/// A cell without a run around it: {"cell": ..., "samples": [...]}.
nlohmann::json to_json(const CellResult& cell, const std::vector<Sample>& samples);
/// `build` as in result.json.
nlohmann::json build_json(const BuildRecord& build);

/// Strict, like all that follow. Throws std::invalid_argument that names `where` and the field.
Result parse_result(const nlohmann::json& json, const std::string& where);
/// Its parts, for other files that have them too.
Machine parse_machine(const nlohmann::json& json, const std::string& where);
BuildRecord parse_build(const nlohmann::json& json, const std::string& where);
Placement parse_placement(const nlohmann::json& json, const std::string& where);
Noise parse_noise(const nlohmann::json& json, const std::string& where);

}  // namespace contend
