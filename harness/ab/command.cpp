// contend ab.
#include "harness/ab/command.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engines/exit_codes.hpp"
#include "engines/standard_streams.hpp"
#include "harness/ab/broken_run.hpp"
#include "harness/ab/run.hpp"
#include "harness/ab/stored.hpp"
#include "harness/ab/text.hpp"
#include "harness/base/files.hpp"
#include "harness/base/interruption.hpp"
#include "harness/base/json.hpp"
#include "harness/base/table.hpp"
#include "harness/process/child.hpp"
#include "workloads/json_text.hpp"

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

void print(const AbResult& result, bool as_json, const std::string& note) {
  broken_where_it_fails([&] {
    if (as_json)
      fmt::print("{}\n", json_text(to_json(result)));
    else
      fmt::print("{}{}\n", text_of(result, wants_colour(stdout)), note);
    flush_standard_output();
  });
}

Result stored_result(const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path file = fs::is_directory(name) ? fs::path(name) / "result.json" : fs::path(name);
  if (fs::exists(file.parent_path() / "ab.json") && !fs::exists(file))
    throw std::invalid_argument(name +
                                " is of contend ab, and compared already; its two sides are " +
                                "the results in base/ and head/");
  if (!fs::exists(file)) throw std::invalid_argument("there is no result " + file.string());
  return parse_result(parse_json(content_of(file), file.string()), file.string());
}

}  // namespace

int exit_code_of(const AbResult& result, bool inconclusive_ok) {
  switch (result.verdict()) {
    case Verdict::regressed: return exit_failed;
    case Verdict::invalid:
    case Verdict::inconclusive: return inconclusive_ok ? 0 : exit_no_verdict;
    case Verdict::improved:
    case Verdict::unchanged: return 0;
  }
  return exit_no_verdict;
}

int run_command(const AbOptions& options, const std::vector<std::string>& command) {
  const AbRunOutcome outcome = broken_where_it_fails([&] { return run_ab(options, command); });
  print(outcome.result, options.json,
        fmt::format(
            "{}All is in {}",
            outcome.interrupted ? "Interrupted: this is of what was measured until then. " : "",
            outcome.folder.string()));
  if (outcome.interrupted) return exit_interrupted;
  return exit_code_of(outcome.result, options.inconclusive_ok);
}

int run_command(const CompareOptions& options) {
  const Rules rules{.alpha = options.alpha_percent / 100,
                    .smallest_effects = parse_smallest_effects(options.smallest_effects)};
  const AbResult result =
      compare_stored(stored_result(options.base), stored_result(options.head), rules);
  print(result, options.json,
        result.run.interleaved
            ? "These are the two sides of one contend ab, judged by all of its slices."
            : "These were measured at different times. What drifts with the machine (all but "
              "memory) can't be told from a change in it, however often it was measured; "
              "contend ab measures both in turns, and can tell.");
  return exit_code_of(result, options.inconclusive_ok);
}

}  // namespace contend::ab
