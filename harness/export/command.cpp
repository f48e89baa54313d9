// contend export: results that were measured, in the formats of others.
#include "harness/export/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "harness/export/format.hpp"
#include "harness/export/output.hpp"

namespace contend::exports {
namespace {

namespace fs = std::filesystem;

void refuse_what_it_does_not_take(const Options& options, const Format& format) {
  const auto check = [&](bool given, Format::Takes what, const char* name) {
    if (!given || (format.takes & what) != 0) return;
    std::string others;
    for (const Format& other : formats())
      if ((other.takes & what) != 0) others += fmt::format(" {}", other.name);
    throw std::invalid_argument(
        fmt::format("{} means nothing to {}; it is for{}", name, format.name, others));
  };
  check(options.direction.has_value(), Format::direction, "--direction");
  check(options.side.has_value(), Format::side, "--side");
  check(options.inconclusive.has_value(), Format::doubt, "--inconclusive");
  check(options.branch.has_value(), Format::branch, "--branch");
  if (!format.several && options.results.size() > 1)
    throw std::invalid_argument(
        fmt::format("{} holds one RESULT, and there are {}", format.name, options.results.size()));
  if (!format.beside.empty() && options.out.empty())
    throw std::invalid_argument(
        fmt::format("{} makes two files; name the first with --out FILE, the second is beside it "
                    "and ends in {}",
                    format.name, format.beside));
  if (!format.beside.empty() && fs::path(options.out).extension() == format.beside)
    throw std::invalid_argument(
        fmt::format("--out {} is what the second file would be called", options.out));
}

Choices choices_of(const Options& options) {
  Choices choices;
  if (options.direction == "bigger") choices.direction = Direction::bigger;
  if (options.side == "base") choices.side = Side::base;
  if (options.inconclusive == "failure") choices.doubt = Doubt::failed;
  if (options.inconclusive == "passed") choices.doubt = Doubt::passed;
  choices.branch = options.branch.value_or("");
  choices.out = options.out;
  return choices;
}

std::vector<Source> read_all(const Options& options) {
  std::vector<Source> sources;
  for (const std::string& path : options.results) {
    sources.push_back(read_source(path));
    if (sources.back().content.index() != sources.front().content.index())
      throw std::invalid_argument(fmt::format(
          "{} is a result and {} a comparison, or the other way round; export each kind apart",
          sources.front().where, sources.back().where));
  }
  return sources;
}

/// The summary of each format, in lines that fit a terminal.

}  // namespace

int run_command(const Options& options) {
  const Format& format = find_format(options.format);
  refuse_what_it_does_not_take(options, format);
  const std::vector<Source> sources = read_all(options);
  const std::vector<std::string> texts = format.write(sources, choices_of(options));
  if (!options.out.empty()) {
    write_file(options.out, texts.front());
    if (texts.size() > 1)
      write_file(fs::path(options.out).replace_extension(format.beside), texts[1]);
    return 0;
  }
  const std::string variable(format.appended_to);
  const char* const summary = variable.empty() ? nullptr : std::getenv(variable.c_str());
  if (summary != nullptr && *summary != '\0')
    append_file(summary, texts.front());
  else
    fmt::print("{}", texts.front());
  return 0;
}

}  // namespace contend::exports
