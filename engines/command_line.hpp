// What every command line of this project refuses, whatever its options are: numbers that are not
// finite or out of range, and empty values. Try it:
//   contend load http://127.0.0.1:8080/ --rate nan
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <deque>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "workloads/number.hpp"

namespace contend {

/// Returns a check for an option: its value is a number from `least` to `most`, both included, as
/// parse_number reads it. CLI::Range accepts NaN, because no comparison with NaN is true.
template <typename Number>
CLI::Validator in_range(Number least, Number most) {
  const auto text_of = [](Number number) {
    if constexpr (std::is_floating_point_v<Number>)
      return fmt::format("{:g}", number);
    else
      return fmt::format("{}", number);
  };
  return {[=](std::string& value) {
            const auto number = parse_number<Number>(value);
            if (number && *number >= least && *number <= most) return std::string();
            return fmt::format("must be a number from {} to {}, not '{}'", text_of(least),
                               text_of(most), value);
          },
          fmt::format("from {} to {}", text_of(least), text_of(most))};
}

/// Makes every option of `command` and of its subcommands refuse a value without a visible
/// character, except those that `may_be_empty` names.
inline void refuse_empty_values(CLI::App& command,
                                std::initializer_list<std::string_view> may_be_empty) {
  const auto check = [](const std::string& value) {
    const bool is_blank = value.find_first_not_of(" \t\r\n") == std::string::npos;
    return std::string(is_blank ? "the value is empty: write one, or leave the option out" : "");
  };
  for (CLI::Option* const option : command.get_options()) {
    const bool takes_a_value = option->get_items_expected_max() > 0;
    const bool is_exempt = std::ranges::count(may_be_empty, option->get_name()) > 0;
    if (takes_a_value && !is_exempt) option->check(check);
  }
  for (CLI::App* const subcommand : command.get_subcommands({}))
    refuse_empty_values(*subcommand, may_be_empty);
}

/// Parses a command line. An empty value is refused, since it is mostly a variable that is not set,
/// and the option would count as absent without a word. `may_be_empty` names the options for which
/// an empty value has a meaning, such as "--body". Throws CLI::ParseError, which `app.exit` turns
/// into one line on standard error.
inline void parse_command_line(CLI::App& app, int argc, char** argv,
                               std::initializer_list<std::string_view> may_be_empty = {}) {
  refuse_empty_values(app, may_be_empty);
  std::string_view program = argv[0];
  program.remove_prefix(program.rfind('/') + 1);  // npos + 1 is 0
  app.failure_message([program](const CLI::App*, const CLI::Error& error) {
    std::string why = error.what();
    std::ranges::replace_if(
        why, [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
    return fmt::format("{}: {}; --help says what there is\n", program, why);
  });
  // CLI11 takes the word after `--name=` for the value: an empty one has to be a word.
  std::deque<std::string> names;
  std::vector<const char*> words;
  for (const char* const word : std::span(argv, static_cast<std::size_t>(argc))) {
    words.push_back(word);
    const std::string_view text = word;
    if (!text.starts_with("--") || text.find('=') != text.size() - 1) continue;
    words.back() = names.emplace_back(text.substr(0, text.size() - 1)).c_str();
    words.push_back("");
  }
  app.parse(static_cast<int>(words.size()), words.data());
}

}  // namespace contend
