// A libFuzzer target: whatever bytes come to an http client, cut however, it reports the same on
// the requests that they answer. It begins with what lies in client_seeds/; see server_fuzz.cpp.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "workloads/http/http_testing.hpp"

namespace {

using namespace contend::http_testing;
using contend::Step;

constexpr std::size_t pipeline = 3;

/// What is said of the first batch, where the server speaks in pieces of `length` and closes.
Said verdicts_of(std::string_view stream, const Settings& settings, std::size_t length) {
  Verdicts verdicts(pipeline);
  const auto client = make_client("http", settings, verdicts);
  Step step = client->on_open();
  while (!stream.empty() && step.then == Step::Then::await_bytes) {
    const std::vector<char> piece(stream.begin(), stream.begin() + std::min(length, stream.size()));
    step = client->on_bytes(std::as_bytes(std::span(piece)));
    stream.remove_prefix(piece.size());
  }
  if (step.then == Step::Then::await_bytes) client->on_failure({});
  if (verdicts.said.size() > pipeline) verdicts.said.resize(pipeline);
  return verdicts.said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
  const Settings settings{{"pipeline", pipeline}, {"bytes", data[0] % 2 == 0 ? 0 : 100}};
  const Said whole = verdicts_of(stream, settings, size);
  if (whole.size() == pipeline && verdicts_of(stream, settings, 1) == whole &&
      verdicts_of(stream, settings, 2 + data[0] / 2) == whole)
    return 0;
  std::fputs("the verdicts depend on how the input is cut\n", stderr);
  std::abort();
}
