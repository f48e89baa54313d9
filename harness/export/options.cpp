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
                  "the folder of a run or of a comparison, or its result.json or ab.json")
      ->required();
  command.add_option("--format", options.format, "one of those below")->required();
  command.add_option("--out", options.out, "the file, which is replaced [standard output]");
  command
      .add_option(
          "--direction", options.direction,
          "github-action-benchmark: what is better, smaller (everything as a cost) or bigger "
          "[smaller]")
      ->check(CLI::IsMember({"smaller", "bigger"}));
  command
      .add_option("--side", options.side,
                  "google-benchmark: whose slices, of a comparison: base or head [head]")
      ->check(CLI::IsMember({"base", "head"}));
  command
      .add_option(
          "--inconclusive", options.inconclusive,
          "junit: what an inconclusive or invalid comparison is: skipped, failure or passed "
          "[skipped]")
      ->check(CLI::IsMember({"skipped", "failure", "passed"}));
  command.add_option("--branch", options.branch, "otava: the branch of all RESULTs, a column more");
  command.footer(
      "Formats:\n" + list_of_formats() +
      "\nOf a comparison, github-action-benchmark, bencher and otava get the ratios of "
      "costs, head by\nbase; the figures of one side are in its folder, RESULT/head.\n\n" +
      command.get_footer());
}

}  // namespace contend::exports
