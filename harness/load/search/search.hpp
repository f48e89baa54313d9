// A server under load at several rates, one window after the other: the search for the highest rate
// that keeps an objective, and a sweep over rates that are given. Which rate comes next in a search
// is find_max.hpp's.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/load/objective.hpp"
#include "harness/load/run.hpp"
#include "harness/load/search/find_max.hpp"

namespace contend::load {

/// A window, as it was.
struct Point {
  double rate_per_s = 0;
  RunSpec spec;
  RunReport report;
  std::optional<Judgement> judgement{};        ///< Of a search.
  bool kept_up = false;                        ///< See `keeps_up`.
  Measured::Kind kind = Measured::Kind::held;  ///< Of a search.
};
std::string_view to_string(Measured::Kind kind);
std::string_view to_string(MaxRate::Finding finding);

struct Search {
  RunSpec spec;  ///< Of all windows; its schedule says the law of the arrivals and its seed.
  std::optional<Objective> objective{};  ///< Null: a sweep over `rates_per_s`.
  std::vector<double> rates_per_s{};
  Duration budget{};  ///< For all windows together.
};

struct SearchReport {
  std::vector<Point> points{};             ///< As they were measured; without one that was cut off.
  std::optional<double> estimate_per_s{};  ///< What a closed loop got, before a search.
  std::optional<MaxRate> max{};            ///< Of a search.
  Duration took{};
  bool interrupted = false;
};

/// `each_point` is called after each window. Each has connections of its own; after one that the
/// server could not keep up with, the next one begins when a request has been answered alone, or in
/// two seconds. Throws what `run` throws.
SearchReport run_command(const Search& search, StopToken stop,
                         const std::function<void(const Point&)>& each_point);

}  // namespace contend::load
