// The options of contend history: names, ranges and help.
#include <CLI/CLI.hpp>

#include "engines/command_line.hpp"
#include "harness/history/command.hpp"

namespace contend::history {
namespace {

constexpr std::size_t most_shown = 1'000'000;

CLI::App* add_action(CLI::App& command, Options& options, Options::Action action, const char* name,
                     const char* summary, const char* examples) {
  CLI::App* const added = command.add_subcommand(name, summary);
  added->footer(std::string("Examples:\n") + examples);
  added->callback([&options, action] { options.action = action; });
  added->add_option("--file", options.file, "of the history")->capture_default_str();
  return added;
}

void add_selection(CLI::App& command, Options& options) {
  command.add_option("--cell", options.selection.cell, "a pattern such as 'echo/*' [all]");
  command.add_option("--metric", options.selection.metric, "such as latency_p50_ns [all]");
  command.add_option("--machine", options.selection.machine,
                     "a fingerprint as in results, or all [this machine's]");
}

}  // namespace

void add_commands(CLI::App& command, Options& options) {
  using Action = Options::Action;
  command.require_subcommand(1);
  CLI::App* const add =
      add_action(command, options, Action::add, "add", "store what contend ab found of a commit",
                 "  contend history add results/latest\n"
                 "  contend history add results/latest --commit \"$(git rev-parse --short HEAD)\" "
                 "--time \"$(git log -1 --format=%cI)\"\n");
  add->add_option("RESULT", options.result, "an ab.json, or the folder that has it")->required();
  add->add_option("--commit", options.commit, "what the commit is called [the name of the head]");
  add->add_option("--time", options.time, "when it was made [when the run began]");
  add->add_flag("--json", options.json, "say what was done as JSON");

  CLI::App* const show = add_action(
      command, options, Action::show, "show",
      "the series of this machine, or with --cell and --metric their commits",
      "  contend history show\n"
      "  contend history show --cell 'echo/epoll/*' --metric latency_p50_ns --last 50\n");
  add_selection(*show, options);
  show->add_option("--last", options.last_shown, "so many commits are drawn or listed")
      ->check(in_range(std::size_t{1}, most_shown))
      ->capture_default_str();
  show->add_flag("--json", options.json, "the series as JSON, with all commits");

  CLI::App* const check =
      add_action(command, options, Action::check, "check",
                 "whether a level changed for the worse: exit code 0 no, 1 yes, 3 too few commits",
                 "  contend history check\n"
                 "  contend history check --last 3 --magnitude 0.1 --cell 'echo/*'\n");
  add_selection(*check, options);
  check->add_option("--last", options.last_checked, "a change in so many commits counts")
      ->check(in_range(std::size_t{1}, most_shown))
      ->capture_default_str();
  check->add_option("--p", options.rule.p, "how unlikely a change must be by chance")
      ->check(in_range(1e-12, 0.05))
      ->capture_default_str();
  check->add_option("--magnitude", options.rule.magnitude, "the smallest change, as a share")
      ->check(in_range(0.0, 10.0))
      ->capture_default_str();
  check->add_flag("--json", options.json, "as JSON");

  CLI::App* const exported = add_action(command, options, Action::write_out, "export",
                                        "all points of all machines, for other tools",
                                        "  contend history export > history.json\n"
                                        "  contend history export --format csv > history.csv\n");
  exported->add_option("--format", options.format, "csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
}

}  // namespace contend::history
