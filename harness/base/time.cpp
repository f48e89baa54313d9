// Reads times.
#include "harness/base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace contend {

Duration parse_time(std::string_view text) {
  constexpr std::pair<std::string_view, double> units[] = {{"", 1},  {"us", 1e-6}, {"ms", 1e-3},
                                                           {"s", 1}, {"m", 60},    {"h", 3600}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto* const found =
      std::ranges::find(units, unit, &std::pair<std::string_view, double>::first);
  const double seconds = found == std::end(units) ? 0 : number * found->second;
  if (error != std::errc{} || !(seconds >= 1e-6 && seconds <= 24 * 3600))
    throw std::invalid_argument(
        fmt::format("'{}' is no time from 1us to 24h, such as 200ms, 10s or 5m", text));
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace contend
