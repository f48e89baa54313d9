// contend load as a command.
#pragma once

#include "harness/load/options.hpp"

namespace contend::load {

/// 1 when nothing was answered rightly or an objective was broken, 3 when the figures are not to be
/// trusted: then whoever broke an objective can't be told.
int run_command(const Options& options);

}  // namespace contend::load
