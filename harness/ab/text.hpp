// A comparison of two sides for people.
#pragma once

#include <string>

#include "harness/ab/ab_result.hpp"

namespace contend::ab {

/// A table of all comparisons, what asks for attention first, and the verdict of the whole.
/// `colour`: ANSI escapes.
std::string text_of(const AbResult& result, bool colour);

/// "1 regressed, 3 inconclusive, 80 unchanged"
std::string counts_text(const AbResult& result);

}  // namespace contend::ab
