// The options of contend history: names, ranges and help.
#include <CLI/CLI.hpp>

#include "engines/command_line.hpp"
#include "harness/history/command.hpp"

namespace contend::history {
namespace {

constexpr std::size_t max_shown = 1'000'000;

CLI::App* add_action(CLI::App& command, Options& options, Options::Action action, const char* name,
                     const char* summary, const char* examples) {
  CLI::App* const added = command.add_subcommand(name, summary);
  added->footer(std::string("Examples:\n") + examples);
  added->callback([&options, action] { options.action = action; });
  added->add_option("--file", options.file, "File that stores the history")->capture_default_str();
  return added;
}

void add_selection(CLI::App& command, Options& options) {
  command.add_option("--cell", options.selection.cell,
                     "Only cells that match this pattern, such as 'echo/*' [all]");
  command.add_option("--metric", options.selection.metric,
                     "Only this metric, such as latency_p50_ns [all]");
  command.add_option("--machine", options.selection.machine,
                     "Only results of the machine with this fingerprint, or all [this machine]");
}

}  // namespace

void add_commands(CLI::App& command, Options& options) {
  using Action = Options::Action;
  command.require_subcommand(1);
  CLI::App* const add =
      add_action(command, options, Action::add, "add", "Store a result of contend ab for a commit",
                 "  contend history add results/latest\n"
                 "  contend history add results/latest --commit \"$(git rev-parse --short HEAD)\" "
                 "--time \"$(git log -1 --format=%cI)\"\n");
  add->add_option("RESULT", options.result, "Comparison to store: its ab.json or its folder")
      ->required();
  add->add_option("--commit", options.commit, "Name of the commit [the name of the head]");
  add->add_option("--time", options.time,
                  "Time of the commit, ISO 8601 [the beginning of the run]");
  add->add_flag("--json", options.json, "Print what was stored as JSON");

  CLI::App* const show = add_action(
      command, options, Action::show, "show",
      "Show the series of this machine, or the commits of one with --cell and --metric",
      "  contend history show\n"
      "  contend history show --cell 'echo/epoll/*' --metric latency_p50_ns --last 50\n");
  add_selection(*show, options);
  show->add_option("--last", options.last_shown, "Number of commits to draw or list")
      ->check(in_range(std::size_t{1}, max_shown))
      ->capture_default_str();
  show->add_flag("--json", options.json, "Print the series with all commits as JSON");

  CLI::App* const check =
      add_action(command, options, Action::check, "check",
                 "Tell whether a level changed for the worse. Exit codes: 0 no, 1 yes, 3 too few "
                 "commits",
                 "  contend history check\n"
                 "  contend history check --last 3 --magnitude 0.1 --cell 'echo/*'\n");
  add_selection(*check, options);
  check
      ->add_option("--last", options.last_checked,
                   "Report changes within this number of newest commits")
      ->check(in_range(std::size_t{1}, max_shown))
      ->capture_default_str();
  check->add_option("--p", options.rule.p, "Maximum probability that a change is chance")
      ->check(in_range(1e-12, 0.05))
      ->capture_default_str();
  check
      ->add_option("--magnitude", options.rule.magnitude,
                   "Smallest change to report, as a fraction")
      ->check(in_range(0.0, 10.0))
      ->capture_default_str();
  check->add_flag("--json", options.json, "Print JSON");

  CLI::App* const exported = add_action(command, options, Action::write_out, "export",
                                        "Print all points of all machines, for other tools",
                                        "  contend history export > history.json\n"
                                        "  contend history export --format csv > history.csv\n");
  exported->add_option("--format", options.format, "Format to print: csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
}

}  // namespace contend::history
