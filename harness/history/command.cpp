// contend history: what the command line asked for, done and printed.
#include "harness/history/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/command_line.hpp"
#include "harness/fields.hpp"
#include "harness/files.hpp"
#include "harness/history/report.hpp"
#include "harness/history/store.hpp"
#include "harness/machine.hpp"
#include "workloads/json_text.hpp"

namespace contend::history {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_in_folder = "ab.json";
constexpr std::size_t most_shown = 1'000'000;
constexpr std::size_t longest_commit = 200;

ab::AbResult read_result(const fs::path& named) {
  const bool is_folder = fs::is_directory(named);
  const fs::path path = is_folder ? named / name_in_folder : named;
  if (!is_folder && !fs::exists(path))
    throw std::invalid_argument("there is no file or folder " + named.string());
  if (is_folder && !fs::exists(path))
    throw std::invalid_argument(
        fmt::format("there is no {} in {}; a history holds what contend ab found", name_in_folder,
                    named.string()));
  return ab::parse_ab_result(parse_json(content_of(path), path.string()), path.string());
}

/// As JSON and tables can hold it.
void require_printable(const std::string& commit) {
  const bool good = commit.size() <= longest_commit &&
                    std::ranges::all_of(commit, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!good)
    throw std::invalid_argument(fmt::format(
        "--commit: must be up to {} printable ASCII characters, such as a revision, not {}",
        longest_commit, shown(commit)));
}

int add(const Options& options) {
  require_printable(options.commit);
  const Entry entry =
      entry_of(read_result(options.result), options.result, options.commit, options.time);
  const fs::path file(options.file);
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  const bool added = Store(file, Database::Mode::create).add(entry);
  if (options.json)
    fmt::print("{}\n", json_text(nlohmann::json{{"schema_version", 1},
                                                {"added", added},
                                                {"run", entry.run},
                                                {"commit", entry.commit},
                                                {"at", entry.at},
                                                {"comparisons", entry.comparisons.size()}}));
  else if (added)
    fmt::print("added run {}: commit {} by reference {}, {} comparisons\n", shown(entry.run),
               shown(entry.commit), shown(entry.reference.name), entry.comparisons.size());
  else
    fmt::print("run {} is there already; nothing was changed\n", shown(entry.run));
  return 0;
}

struct Selected {
  std::string machine;  ///< As it was asked for.
  std::vector<Series> series;
  std::size_t of_others = 0;  ///< Series of other machines.
};

/// Throws std::invalid_argument where there are series of the machine, but none that is wanted.
Selected select(const Options& options) {
  Selected selected;
  const std::string& asked = options.selection.machine;
  selected.machine = asked.empty() ? read_machine().fingerprint : asked;
  Selection selection = options.selection;
  selection.machine = selected.machine == every_machine ? "" : selected.machine;
  const std::vector<Series> all = Store(options.file, Database::Mode::read).series();
  std::size_t of_machine = 0;
  for (const Series& series : all) {
    const bool there = selection.machine.empty() || series.machine == selection.machine;
    ++(there ? of_machine : selected.of_others);
    if (selection.wants(series)) selected.series.push_back(series);
  }
  if (of_machine > 0 && selected.series.empty())
    throw std::invalid_argument(fmt::format(
        "none of the {} series is of this --cell and --metric; contend history show lists them",
        of_machine));
  return selected;
}

std::string nothing_text(const Options& options, const Selected& selected) {
  return fmt::format("{} has nothing of machine {}{}\n", options.file, shown(selected.machine),
                     selected.of_others > 0 ? fmt::format(", but {} series of others: --machine {}",
                                                          selected.of_others, every_machine)
                                            : "");
}

/// Whether standard output is a terminal that says that it shows UTF-8 (locale(7): the first of
/// these that is set holds).
bool shows_unicode() {
  if (isatty(STDOUT_FILENO) == 0) return false;
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string locale(value);
    std::ranges::transform(locale, locale.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

int show(const Options& options) {
  const Selected selected = select(options);
  const bool by_commit = !options.selection.cell.empty() && !options.selection.metric.empty();
  if (options.json)
    fmt::print("{}\n", json_text(history_json(selected.series)));
  else if (selected.series.empty())
    fmt::print("{}", nothing_text(options, selected));
  else if (by_commit)
    fmt::print("{}", points_table(selected.series, options.last_shown));
  else
    fmt::print("{}", series_table(selected.series, options.last_shown, shows_unicode()));
  return 0;
}

int check(const Options& options) {
  const Selected selected = select(options);
  const Check check = check_series(selected.series, options.rule, options.last_checked);
  if (options.json)
    fmt::print("{}\n", json_text(check_json(check)));
  else if (selected.series.empty())
    fmt::print("{}", nothing_text(options, selected));
  else
    fmt::print("{}", check_text(check));
  switch (check.verdict()) {
    case Check::Verdict::steady: return 0;
    case Check::Verdict::worse: return exit_worse;
    case Check::Verdict::too_few: return exit_too_few;
  }
  return exit_too_few;
}

int write_out(const Options& options) {
  const std::vector<Series> all = Store(options.file, Database::Mode::read).series();
  if (options.format == "csv")
    fmt::print("{}", history_csv(all));
  else
    fmt::print("{}\n", json_text(history_json(all)));
  return 0;
}

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

int carry_out(const Options& options) {
  switch (options.action) {
    case Options::Action::add: return add(options);
    case Options::Action::show: return show(options);
    case Options::Action::check: return check(options);
    case Options::Action::write_out: return write_out(options);
  }
  return 1;
}

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
