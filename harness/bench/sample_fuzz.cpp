// A libFuzzer target: the reader of a line of samples.jsonl refuses or accepts any bytes, and what
// it accepts is written and read again without a change. See workloads/http/server_fuzz.cpp for how
// to run it.
#include "harness/base/json.hpp"
#include "harness/bench/sample.hpp"
#include "harness/testing/fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  const auto parse = [](const nlohmann::json& json) { return parse_sample(json, "sample"); };
  const auto sample =
      fuzzing::accepted([&] { return parse(parse_json(fuzzing::text_of(data, size), "sample")); });
  if (sample) fuzzing::require_round_trip(*sample, parse);
  return 0;
}
