// contend load --find-max and --sweep: a load at several rates as a command.
#pragma once

#include "engines/stop.hpp"
#include "harness/load/command.hpp"
#include "harness/load/run.hpp"

namespace contend::load {

class Plot;

/// Whether the command line asks for several rates.
bool is_search(const Options& options);

/// Runs and prints it. `spec` is of all windows; its schedule says the law and the seed alone.
/// `plot` may be null. Returns 1 where the objective never held, or in a sweep nothing was
/// answered; 3 where the load or the machine was the limit; 130 when interrupted. Throws
/// std::invalid_argument where what is asked for can't be read.
int carry_out_search(const Options& options, const RunSpec& spec, const Plot* plot, StopToken stop);

}  // namespace contend::load
