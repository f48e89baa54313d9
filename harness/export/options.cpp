// The options of contend export, and the list of formats in its help.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/export/command.hpp"
#include "harness/export/format.hpp"

namespace contend::exports {
namespace {

constexpr std::size_t help_width = 80;

std::string list_of_formats() {
  std::size_t widest = 0;
  for (const Format& format : formats()) widest = std::max(widest, format.name.size());
  std::string text;
  for (const Format& format : formats()) {
    std::string line = fmt::format("  {:<{}} ", format.name, widest);
    for (std::string_view left = format.summary; !left.empty();) {
      const std::string_view word = left.substr(0, left.find(' '));
      left.remove_prefix(std::min(left.size(), word.size() + 1));
      if (line.size() + 1 + word.size() > help_width) {
        text += line + "\n";
        line = std::string(widest + 3, ' ');
      }
      line += fmt::format(" {}", word);
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace

void add_options(CLI::App& command, Options& options) {
  command
      .add_option("RESULT", options.results,
                  "Run or comparison to export: its folder, or its result.json or ab.json")
      ->required();
  command.add_option("--format", options.format, "Format to write (see below)")->required();
  command.add_option("--out", options.out, "Write to this file, replacing it [standard output]");
  command
      .add_option(
          "--direction", options.direction,
          "github-action-benchmark: export values of which smaller ones are better (costs) or "
          "bigger ones [smaller]")
      ->check(CLI::IsMember({"smaller", "bigger"}));
  command
      .add_option("--side", options.side,
                  "google-benchmark: which side of a comparison to export: base or head [head]")
      ->check(CLI::IsMember({"base", "head"}));
  command
      .add_option(
          "--inconclusive", options.inconclusive,
          "junit: report an inconclusive or invalid comparison as skipped, failure or passed "
          "[skipped]")
      ->check(CLI::IsMember({"skipped", "failure", "passed"}));
  command.add_option("--branch", options.branch, "otava: add a column with this branch name");
  command.footer(
      "Formats:\n" + list_of_formats() +
      "\nFor a comparison, github-action-benchmark, bencher and otava get ratios of costs, head "
      "by\nbase. To export the figures of one side, name its folder, such as RESULT/head.\n\n" +
      command.get_footer());
}

}  // namespace contend::exports
