// Numbers in text that comes from outside.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace contend {

/// Returns the number that the whole text is, as std::from_chars reads it: no sign '+', no space
/// before or behind. Returns null for anything else, for more than a Number holds, and for `inf`
/// and `nan`. `format` is for floating-point numbers only: a std::chars_format.
template <typename Number, typename... Format>
std::optional<Number> parse_number(std::string_view text, Format... format) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, format...);
  if (error != std::errc{} || rest != end) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace contend
