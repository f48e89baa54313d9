// What formats for one number after another get: of a result each cell's metrics, of a comparison
// the ratio of costs of each, with units and directions. Which of them a format takes is its own
// matter.
//   for (const Figure& figure : figures_of(source)) ...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/export/source.hpp"

namespace contend::exports {

enum class Better : std::uint8_t { smaller, bigger, neither };

struct Unit {
  std::string_view name;  ///< As people write it, empty for a plain number.
  Better better = Better::neither;
};

/// By the name of a metric (results/README.md), also one of a kind of requests. Of one that is not
/// known, neither is better.
Unit unit_of(std::string_view metric);

/// One number with its interval. All are finite.
struct Figure {
  std::string cell{}, engine{}, workload{}, metric{};
  Unit unit{};
  double value = 0;
  std::optional<double> low{}, high{};
  std::string note{};  ///< What a reader of the number has to know; empty: nothing.
};

/// In the order of the cells. Of a comparison `metric` ends in `_cost_ratio`, and smaller is
/// better. What is not known is left out.
std::vector<Figure> figures_of(const Source& source);

/// The same as a cost: what is better when bigger is turned over, which gives it another name, such
/// as `ns_per_operation` for `throughput_per_s`. Null where neither is better, or where there is no
/// such number.
std::optional<Figure> cost_of(const Figure& figure);
/// The same the other way round, for ratios and what is better when bigger; of the rest null.
std::optional<Figure> gain_of(const Figure& figure);

/// What a comparison found, in words and numbers, on one line:
/// "cost +5.0 % (95 % interval +4.0 % to +6.0 %); base 400 us, head 420 us; 80 pairs".
std::string finding(const ab::Comparison& comparison, double confidence);
/// The same with the verdict before it: "regressed: cost +5.0 % ...".
std::string sentence(const ab::Comparison& comparison, double confidence);

}  // namespace contend::exports
