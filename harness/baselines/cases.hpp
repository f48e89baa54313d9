// Work whose instructions can be counted: the same each time, to the last one. It asks for no time,
// does no I/O, and what it does depends on no address. Not the counting, which is callgrind's.
//   const auto work = find_case("fib").prepare(); work();
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace contend {

struct CountedCase {
  std::string_view name, summary;
  /// What is to be counted, with its inputs made ready. Each call does the same, some million
  /// instructions, and throws std::runtime_error when what it computed is wrong.
  std::function<void()> (*prepare)();
};

std::span<const CountedCase> counted_cases();
/// Throws std::invalid_argument that names the known ones.
const CountedCase& find_case(std::string_view name);

}  // namespace contend
