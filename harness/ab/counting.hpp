// Two programs of cases (harness/baselines/cases_main.cpp), as a subject: each case that both have
// is a cell, and a slice is one run of it under valgrind's callgrind, which counts its
// instructions. It knows nothing of what the cases do.
//   contend ab --instructions --base old/contend-cases --head build/release/contend-cases
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/ab/options.hpp"
#include "harness/ab/program_pair.hpp"

namespace contend::ab {

/// Throws std::invalid_argument where valgrind or a program is not here, where a program was built
/// without what callgrind has to be told by, or both have no case in common.
Subject counted_cases(const AbOptions& options, const Setting& setting);

/// The contend-cases beside what is called contend-engine; any other program is itself one.
std::string cases_program(const std::string& path);

/// What `contend-cases list` prints. Strict. Throws std::invalid_argument that names the field, and
/// how to mend a program whose cases can't be counted.
std::vector<Listed> parse_case_list(const nlohmann::json& listing, const std::string& program);

}  // namespace contend::ab
