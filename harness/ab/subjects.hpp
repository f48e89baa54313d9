// Which subject a command line names.
//   const Subject subject = subject_of(options, {guard, programs, stop});
#pragma once

#include "harness/ab/options.hpp"
#include "harness/ab/subject.hpp"

namespace contend::ab {

/// What the options name. Throws std::invalid_argument for wrong use and where the two have nothing
/// in common, and what Child throws where a program does not answer as it should.
Subject subject_of(const AbOptions& options, const Setting& setting);

/// Two hosts, in the cells of a suite.
Subject hosts(const AbOptions& options, const Setting& setting);

}  // namespace contend::ab
