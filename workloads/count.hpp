// Counting one by one, as work without a call or a memory access: what counter and blocked compute.
#pragma once

#include <cstdint>

namespace contend {

/// Returns `limit`, having counted up to it step by step: never folded, so the time grows with it.
std::uint64_t count(std::uint64_t limit);

}  // namespace contend
