// A libFuzzer target: whatever bytes come to an http server, cut however, it does the same and no
// harm. It begins with what lies in server_seeds/. Not part of the other builds, as it is clang's:
//   cmake --preset fuzz && cmake --build --preset fuzz && ctest --preset fuzz
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "workloads/http/http_testing.hpp"

namespace {

using contend::http_testing::play;

/// Whether a number behind `path` is above `most`, so that the answer would take too long.
bool asks_for_more(std::string_view input, std::string_view path, std::uint64_t most) {
  for (std::size_t at = input.find(path); at != input.npos; at = input.find(path, at + 1)) {
    const std::string_view digits = input.substr(at + path.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc{} && number > most) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int rejected = -1;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (asks_for_more(input, "/fib/", 16) || asks_for_more(input, "/bytes/", 40'000)) return rejected;
  std::mt19937_64 random(std::hash<std::string_view>{}(input));
  const auto whole = play(input);
  const auto cuts = contend::http_testing::random_cuts(size, random);
  if (play(input, cuts) == whole && contend::http_testing::play_byte_by_byte(input) == whole)
    return 0;
  std::fputs("the output depends on how the input is cut\n", stderr);
  std::abort();
}
