// What the body of a response must be, compared piece by piece as it comes.
#pragma once

#include <cstdint>
#include <string_view>

namespace contend {

/// What the body of a response must be: anything, a text, or the first `pattern_bytes` of
/// http_pattern.
struct ExpectedBody {
  std::string_view text;
  std::uint64_t pattern_bytes = 0;
  bool anything = false;
  bool head = false;  ///< The answer is to HEAD: it has none, whatever its fields say.

  std::uint64_t size() const { return text.empty() ? pattern_bytes : text.size(); }
  /// Whether `piece` is what the body has at `offset`.
  bool has(std::uint64_t offset, std::string_view piece) const;
};

}  // namespace contend
