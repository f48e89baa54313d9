// contend ab.
#include "harness/ab/command.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/ab/run.hpp"
#include "harness/ab/text.hpp"
#include "harness/child.hpp"
#include "harness/interruption.hpp"
#include "harness/table.hpp"

namespace contend::ab {
namespace {

/// Calls `measure`. What goes wrong in it must not end as a program does that found a regression.
template <typename Measure>
auto broken_where_it_fails(const Measure& measure) {
  try {
    return measure();
  } catch (const ChildFailure& error) {
    throw BrokenRun(error.what());
  } catch (const std::system_error& error) {
    throw BrokenRun(error.what());
  }
}

}  // namespace

int exit_code_of(const AbResult& result, bool inconclusive_ok) {
  switch (result.verdict()) {
    case Verdict::regressed: return exit_regressed;
    case Verdict::invalid:
    case Verdict::inconclusive: return inconclusive_ok ? 0 : exit_inconclusive;
    case Verdict::improved:
    case Verdict::unchanged: return 0;
  }
  return exit_inconclusive;
}

int carry_out(const AbOptions& options, const std::vector<std::string>& command) {
  const AbRunOutcome outcome = broken_where_it_fails([&] { return run_ab(options, command); });
  if (options.json)
    fmt::print("{}\n", to_json(outcome.result).dump());
  else
    fmt::print("{}{}All is in {}\n", text_of(outcome.result, wants_colour(stdout)),
               outcome.interrupted ? "Interrupted: this is of what was measured until then. " : "",
               outcome.folder.string());
  if (outcome.interrupted) return exit_interrupted;
  return exit_code_of(outcome.result, options.inconclusive_ok);
}

}  // namespace contend::ab
