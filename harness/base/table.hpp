// Text for a terminal: aligned columns, numbers in units that fit, whether to use colour.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace contend {

/// What stands in a table where there is no value.
inline constexpr std::string_view nothing = "-";

/// Returns the rows as lines for a terminal (terminal_text). The first row is the heading. The
/// first column is aligned left, and so is the last, which holds notes; numbers between them right.
std::string aligned(std::vector<std::vector<std::string>> rows);

/// 12345678 as "12,345,678".
std::string count_text(std::uint64_t count);
/// The same; below 100 with a decimal, below 10 with two.
std::string number_text(double value);
/// Nanoseconds in the unit that fits: "850 ns", "12.3 us", "4.5 ms", "1.20 s".
std::string duration_text(double ns);

/// A number of this metric in the unit that fits, which its name ends in: "4.5 ms", "12 KiB",
/// "1,200/s".
std::string metric_text(std::string_view metric, double value);
/// A ratio of costs as the difference in percent, with its sign: "+5.0 %".
std::string change_text(double ratio);

/// Whether to colour: `stream` is a terminal, and NO_COLOR (https://no-color.org) is not set.
bool wants_colour(std::FILE* stream);

}  // namespace contend
