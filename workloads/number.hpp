// Numbers in text that comes from outside.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace contend {

/// What the whole text says, as std::from_chars reads it: no sign '+', no space before or behind.
/// Null where it is anything else, or more than a Number holds. Of floating-point numbers `inf` and
/// `nan` are numbers, too; `format` is theirs alone, a std::chars_format.
template <typename Number, typename... Format>
std::optional<Number> parse_number(std::string_view text, Format... format) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, format...);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

}  // namespace contend
