// contend history: what the command line asked for, done and printed.
#include "harness/history/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/exit_codes.hpp"
#include "harness/base/files.hpp"
#include "harness/base/json.hpp"
#include "harness/history/report.hpp"
#include "harness/history/store.hpp"
#include "harness/machine/machine.hpp"
#include "workloads/json_text.hpp"

namespace contend::history {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_in_folder = "ab.json";
constexpr std::size_t max_commit_length = 200;

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
  const bool good = commit.size() <= max_commit_length &&
                    std::ranges::all_of(commit, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!good)
    throw std::invalid_argument(fmt::format(
        "--commit: must be up to {} printable ASCII characters, such as a revision, not {}",
        max_commit_length, quote_for_display(commit)));
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
    fmt::print("added run {}: commit {} by reference {}, {} comparisons\n",
               quote_for_display(entry.run), quote_for_display(entry.commit),
               quote_for_display(entry.reference.name), entry.comparisons.size());
  else
    fmt::print("run {} is there already; nothing was changed\n", quote_for_display(entry.run));
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
  return fmt::format("{} has nothing of machine {}{}\n", options.file,
                     quote_for_display(selected.machine),
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
    case Check::Verdict::worse: return exit_failed;
    case Check::Verdict::too_few: return exit_no_verdict;
  }
  return exit_no_verdict;
}

int write_out(const Options& options) {
  const std::vector<Series> all = Store(options.file, Database::Mode::read).series();
  if (options.format == "csv")
    fmt::print("{}", history_csv(all));
  else
    fmt::print("{}\n", json_text(history_json(all)));
  return 0;
}

}  // namespace

int run_command(const Options& options) {
  switch (options.action) {
    case Options::Action::add: return add(options);
    case Options::Action::show: return show(options);
    case Options::Action::check: return check(options);
    case Options::Action::write_out: return write_out(options);
  }
  return 1;
}

}  // namespace contend::history
