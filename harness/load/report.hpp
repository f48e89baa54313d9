// What a run of load found, for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/load/objective.hpp"
#include "harness/load/run.hpp"

namespace contend::load {

/// Some twenty lines: what was asked, what was answered and how fast, what went wrong.
std::string text(const RunSpec& spec, const RunReport& report);

/// The same, with whole histograms and what became of an objective; `load` in results/schema.json.
nlohmann::json to_json(const RunSpec& spec, const RunReport& report,
                       const std::optional<Judgement>& judgement);

/// One line of what there is so far.
std::string progress_line(const RunSpec& spec, const Progress& progress);

/// The seconds as comma-separated values below a row of names; times are in ns.
std::string csv(const RunReport& report);

}  // namespace contend::load
