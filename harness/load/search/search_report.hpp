// What a load at several rates found, for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/load/search/search.hpp"

namespace contend::load {

/// A table with a row a window, by rate, and of a search the answer below it.
std::string text(const Search& search, const SearchReport& report);

/// The same, with each window as `to_json` of a run; `load_points` in results/schema.json.
nlohmann::json to_json(const Search& search, const SearchReport& report);

/// One line of a window that is over.
std::string point_line(const Point& point);

}  // namespace contend::load
