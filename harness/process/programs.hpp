// The programs that the harness starts, and the identity of the one it measures.
#pragma once

#include <filesystem>
#include <string>

#include "engines/stop.hpp"
#include "harness/process/guard.hpp"
#include "harness/process/host_list.hpp"

namespace contend {

struct Programs {
  std::string harness;   ///< This one.
  std::string origin;    ///< contend-engine beside it.
  std::string host;      ///< What is measured.
  std::string external;  ///< The folder of outside engines as given; empty: those that are found.
};

/// `host` as given, else the environment's CONTEND_HOST, else contend-engine beside this program.
/// Throws std::invalid_argument that says how to mend it when it is no program.
Programs find_programs(const std::string& host, const std::string& external);

/// All that they can play: what the host lists, and the outside engines. Throws what ask_host and
/// outside_engines throw.
Host ask_programs(const Guard& guard, const Programs& programs, const StopToken& stop);

/// Of a file, by the system's sha256sum. Throws what Child throws.
std::string sha256_of(const Guard& guard, const std::string& file, const StopToken& stop);

}  // namespace contend
