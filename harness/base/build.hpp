// How this binary was made: what a result must tell so that it can be compared with another.
#pragma once

#include <string_view>

namespace contend {

struct BuildInfo {
  std::string_view version, revision, compiler, flags, build_type, sanitizers;
};

BuildInfo build_info();

}  // namespace contend
