// This process's share of a run of load, and what came of the whole. It prints nothing.
#pragma once

#include <functional>
#include <optional>

#include "harness/load/ranks/ranks.hpp"
#include "harness/load/run.hpp"

namespace contend::load {

/// Ranks that can hold a run of load together: of one build each, and named by their hosts. Null
/// where this process was started alone; throws as find_carrier and Ranks do.
std::unique_ptr<Ranks> find_ranks(StopToken interrupted);

/// As `run`, of this process's share of `whole`. Returns at rank 0 what all shares came to, and
/// nothing elsewhere. Rank 0 calls `check` before all, which throws where the run is not to be.
/// Throws as that, `run`, shares.hpp and Ranks do; where one rank can't go on, none does.
std::optional<RunReport> run_shared(const RunSpec& whole, Ranks& ranks,
                                    const std::function<void()>& check,
                                    const std::function<void(const Progress&)>& each_second);

}  // namespace contend::load
