// An option of a command line that is a time.
#include "harness/base/time_option.hpp"

#include <CLI/CLI.hpp>
#include <stdexcept>

#include "harness/base/time.hpp"

namespace contend {

CLI::Option* add_time(CLI::App& command, const std::string& names, Duration& time,
                      const std::string& meaning) {
  const auto set = [&time, names](const std::string& text) {
    try {
      time = parse_time(text);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError(names, error.what());
    }
  };
  return command.add_option_function<std::string>(names, set, meaning)->type_name("TIME");
}

}  // namespace contend
