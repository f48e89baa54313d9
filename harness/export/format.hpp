// What a format of `contend export` is: a name, and a function from results to text. A new one is a
// file that defines a Format, and its line in formats.cpp.
//   find_format("csv").write(sources, choices)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/export/source.hpp"

namespace contend::exports {

enum class Direction : std::uint8_t { smaller, bigger };  ///< Which is better.
enum class Doubt : std::uint8_t { skipped, failed, passed };

/// What can be chosen beside the format, each where the format takes it.
struct Choices {
  Direction direction = Direction::smaller;
  Side side = Side::head;
  Doubt doubt = Doubt::skipped;  ///< How an inconclusive or invalid comparison counts.
  std::string branch{};          ///< Empty: not known.
  std::string out{};             ///< The file that the text will be in; empty: none.
};

struct Format {
  enum Takes : std::uint8_t { nothing = 0, direction = 1, side = 2, doubt = 4, branch = 8 };

  std::string_view name, summary;
  std::uint8_t takes = nothing;
  bool several = false;  ///< It can hold more than one result.
  /// The ending of a second file beside the first; empty: there is none.
  std::string_view beside{};
  /// The environment's name of a file that it is appended to where no other is named; empty: none.
  std::string_view appended_to{};
  /// The text, and where there is a second file that one's. `sources` are not empty, and one unless
  /// `several`. Throws std::invalid_argument where the format can't hold what is in them.
  std::vector<std::string> (*write)(std::span<const Source> sources,
                                    const Choices& choices) = nullptr;
};

/// In the order in which they are listed.
std::span<const Format> formats();
/// Throws std::invalid_argument that names those there are.
const Format& find_format(std::string_view name);

}  // namespace contend::exports
