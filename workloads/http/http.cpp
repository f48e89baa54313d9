// The body that is sent and expected by its length alone.
#include "workloads/http/http.hpp"

#include <array>

namespace contend {
namespace {

constexpr std::size_t pattern_period = 89;
constexpr auto pattern = [] {
  std::array<char, pattern_period * 736> made{};  // just under 64 KiB
  for (std::size_t i = 0; i < made.size(); ++i)
    made[i] = static_cast<char>('!' + i % pattern_period);
  return made;
}();

}  // namespace

std::string_view http_pattern(std::uint64_t offset, std::uint64_t size) {
  const std::string_view all(pattern.data(), pattern.size());
  return all.substr(offset % pattern_period, size);
}

}  // namespace contend
