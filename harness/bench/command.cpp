// contend bench, and contend course, which shows the same kind of run in another way.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/base/files.hpp"
#include "harness/base/table.hpp"
#include "harness/bench/commands.hpp"
#include "harness/bench/course.hpp"
#include "harness/bench/result_table.hpp"
#include "workloads/json_text.hpp"

namespace contend {

int bench(const BenchOptions& options, const Programs& programs,
          const std::vector<std::string>& command) {
  const SuiteRun run = run_suite(options, programs, command);
  if (run.interrupted) return exit_code_of(run);
  if (options.json)
    fmt::print("{}\n", json_text(to_json(run.result)));
  else
    fmt::print("{}\nMedians over {}; latency is closed-loop. All is in {}\n",
               tables(run.result, wants_colour(stdout)),
               rounds_text(run.result.run.rounds_finished), run.folder.string());
  return exit_code_of(run);
}

int course(const CourseOptions& options, const Programs& programs,
           const std::vector<std::string>& command) {
  Course whole = load_course();
  SuiteOptions suite = options;
  suite.suite = whole.suite;
  select_items(whole, options.items, suite.selection);
  const SuiteRun run = run_suite(suite, programs, command);
  if (run.interrupted) return exit_code_of(run);
  replace_file(run.folder / "course.md", course_markdown(whole, run.result));
  if (options.json)
    fmt::print("{}\n", json_text(course_json(whole, run.result)));
  else
    fmt::print("{}\nMedians over {}. All is in {}\n", course_text(whole, run.result),
               rounds_text(run.result.run.rounds_finished), run.folder.string());
  if (const int code = exit_code_of(run); code != 0) return code;
  return any_claim_fails(whole, run.result) ? 1 : 0;
}

}  // namespace contend
