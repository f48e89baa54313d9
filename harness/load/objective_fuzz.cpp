// A libFuzzer target: the reader of objectives refuses or accepts any bytes, and an accepted
// objective is read again from its text as the same. See workloads/http/server_fuzz.cpp for how to
// run it.
#include <cmath>

#include "harness/load/objective.hpp"
#include "harness/testing/fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace contend;
  using load::Objective;
  const auto objective =
      fuzzing::accepted([&] { return Objective::parse(fuzzing::text_of(data, size)); });
  if (!objective) return 0;
  fuzzing::require(!objective->terms.empty(), "an objective has no terms");
  for (const load::Term& term : objective->terms)
    fuzzing::require(std::isfinite(term.limit) && term.limit >= 0, "a limit can't be kept");
  const auto again = fuzzing::accepted([&] { return Objective::parse(objective->text()); });
  fuzzing::require(again == objective, "an objective's text is read as another objective");
  fuzzing::require(objective->min_requests() >= 1, "an objective needs no requests");
  return 0;
}
