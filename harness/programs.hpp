// The programs that the harness starts, and the identity of the one it measures.
#pragma once

#include <filesystem>
#include <string>

#include "engines/stop.hpp"
#include "harness/guard.hpp"

namespace contend {

struct Programs {
  std::string harness;  ///< This one.
  std::string origin;   ///< contend-engine beside it.
  std::string host;     ///< What is measured.
};

/// `host` as given, else the environment's CONTEND_HOST, else contend-engine beside this program.
/// Throws std::invalid_argument that says how to mend it when it is no program.
Programs find_programs(const std::string& host);

/// Of a file, by the system's sha256sum. Throws what Child throws.
std::string sha256_of(const Guard& guard, const std::string& file, const StopToken& stop);

}  // namespace contend
