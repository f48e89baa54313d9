// The file that valgrind's callgrind writes, as far as it is of use here: how many instructions
// were counted. It starts nothing.
//   instructions_in("# callgrind format\nversion: 1\nevents: Ir\ntotals: 4714014\n")
#pragma once

#include <cstdint>
#include <string_view>

namespace contend::ab {

/// The total of a profile that has one event, Ir, instructions that were executed
/// (https://valgrind.org/docs/manual/cl-format.html, version 1). Throws std::invalid_argument that
/// names what is missing, there twice, at odds with itself or of another form.
std::uint64_t instructions_in(std::string_view profile);

}  // namespace contend::ab
