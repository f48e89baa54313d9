// contend load --find-max and --sweep: a load at several rates as a command.
#pragma once

#include "harness/load/options.hpp"
#include "harness/load/search/search.hpp"

namespace contend::load {

class Plot;

/// Whether the command line asks for several rates.
bool is_search(const Options& options);

/// What it asks for; `spec` is of all windows. Throws std::invalid_argument that says what is
/// wrong.
Search search_of(const Options& options, const RunSpec& spec);

/// 1 where the objective never held, or in a sweep nothing was answered; 3 where the load or the
/// machine was the limit, or the answer is not sure; 130 when interrupted.
int exit_code_of(const SearchReport& report);

/// Runs it, and prints and draws what came of it; `plot` may be null. Returns the exit code.
int carry_out_search(const Search& search, bool as_json, const Plot* plot, StopToken stop);

}  // namespace contend::load
