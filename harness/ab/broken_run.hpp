// The error of a comparison that came to nothing.
#pragma once

#include <stdexcept>

namespace contend::ab {

/// Nothing could be compared: not a verdict, and not to be taken for one. Exit code 2.
struct BrokenRun : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace contend::ab
