// A libFuzzer target: the reader of result.json refuses or accepts any bytes, and what it accepts
// is written and read again without a change. See workloads/http/server_fuzz.cpp for how to run it.
#include "harness/base/json.hpp"
#include "harness/bench/result.hpp"
#include "harness/testing/fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const auto parse = [](const nlohmann::json& json) { return parse_result(json, "result.json"); };
  const auto result = fuzzing::accepted(
      [&] { return parse(parse_json(fuzzing::text_of(data, size), "result.json")); });
  if (result) fuzzing::require_round_trip(*result, parse);
  return 0;
}
