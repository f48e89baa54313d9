// Rates of a sweep as they are written.
#include "harness/load/search/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/load/schedule/schedule.hpp"
#include "workloads/number.hpp"

namespace contend::load {
namespace {

constexpr std::size_t max_points = 100;

[[noreturn]] void refuse_sweep(std::string_view text, std::string_view why) {
  throw std::invalid_argument(
      fmt::format("{} is no sweep: {}; write FROM:TO:POINTS, such as 100:5000:10, or rates with "
                  "commas between them",
                  quote_for_display(text), why));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

double sweep_rate_of(std::string_view text, std::string_view part) {
  const auto rate = parse_number<double>(part);
  if (!rate || !(*rate > 0) || *rate > max_rate_per_s)
    refuse_sweep(
        text, fmt::format("{} is no rate above 0 and up to 1e7 a second", quote_for_display(part)));
  return *rate;
}

std::size_t points_of(std::string_view text, std::string_view part) {
  const auto points = parse_number<std::size_t>(part);
  if (!points || *points < 2 || *points > max_points)
    refuse_sweep(text,
                 fmt::format("{} is no number of points from 2 to 100", quote_for_display(part)));
  return *points;
}

}  // namespace

std::vector<double> parse_sweep(std::string_view text) {
  std::vector<double> rates;
  const std::vector<std::string_view> ends = split(text, ':');
  if (ends.size() == 3) {
    const double from = sweep_rate_of(text, ends[0]), to = sweep_rate_of(text, ends[1]);
    const std::size_t points = points_of(text, ends[2]);
    for (std::size_t i = 0; i < points; ++i)
      rates.push_back(from +
                      (to - from) * static_cast<double>(i) / static_cast<double>(points - 1));
    return rates;
  }
  for (const std::string_view part : split(text, ',')) rates.push_back(sweep_rate_of(text, part));
  if (rates.size() > max_points) refuse_sweep(text, "there may be up to 100 rates");
  return rates;
}

}  // namespace contend::load
