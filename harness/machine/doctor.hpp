// `contend doctor`: whether this machine is fit for measuring, and what would mend it. It changes
// nothing by itself. Try it:  contend doctor
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/base/build.hpp"
#include "harness/machine/calibration.hpp"
#include "harness/machine/machine.hpp"
#include "harness/machine/placement.hpp"

namespace contend {

/// All that is known about a machine's fitness.
struct Examination {
  Machine machine;
  Placement placement;
  BuildInfo build;
  Calibration calibration;
};

/// What is not as it should be, what that does to results, and what mends it.
struct Advice {
  std::string finding;
  std::string remedy;  ///< A command, or where there is none what to do, in words.
};

/// The worst for results comes first.
std::vector<Advice> advise(const Examination& examination);

std::string examination_text(const Examination& examination);
nlohmann::json examination_json(const Examination& examination);

/// Examines this machine, which takes some 2 s, and prints what it found. Returns the exit code: 0,
/// whatever there is to mend.
int doctor(bool json);

}  // namespace contend
