// Two programs that list by name what they can do, as a subject: a cell for each name that both
// have. Benchmarks and counted cases have this in common; hosts, which have engines and suites, are
// asked in sides.hpp. It measures nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/ab/subject.hpp"

namespace contend::ab {

struct Listed {
  std::string name;  ///< As the program calls it.
  std::string summary{};
};

struct ProgramPair {
  std::string suite;
  std::string engine, summary;  ///< What plays all of them, as cells call it.
  Side base, head;
  std::vector<Listed> of_base, of_head;
  std::span<const ComparedMetric> metrics{};
  Duration window{};  ///< Of each slice; zero where no time bounds it.
};

/// A program by its path. Throws std::invalid_argument where there is none.
Side program_side(const Setting& setting, const std::string& path, const std::string& name);

/// All of the subject but how it is measured. `names` gets what the programs call each cell by. Of
/// the names that `wanted` has, where it has any; as the programs call them, or as cells do. Throws
/// std::invalid_argument for one that is not there, and where both have none in common.
Subject pair_up(const ProgramPair& pair, const std::vector<std::string>& wanted,
                std::vector<std::string>& names);

}  // namespace contend::ab
