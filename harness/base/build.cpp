// How this binary was made.
#include "harness/base/build.hpp"

#include "build_info.hpp"
#include "revision.hpp"

namespace contend {

BuildInfo build_info() {
  return {.version = CONTEND_VERSION,
          .revision = CONTEND_REVISION,
          .compiler = CONTEND_COMPILER,
          .flags = CONTEND_FLAGS,
          .build_type = CONTEND_BUILD_TYPE,
          .sanitizers = CONTEND_SANITIZERS};
}

}  // namespace contend
