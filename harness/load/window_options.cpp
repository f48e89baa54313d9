// The options of the hidden subcommand load-window.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "engines/command_line.hpp"
#include "harness/load/window_load.hpp"

namespace contend {

void add_load_window(CLI::App& app, std::function<int()>& command_to_do) {
  struct Arguments {
    LoadOptions load;
    std::uint32_t warmup_ms = 100, window_ms = 1000;
  };
  const auto arguments = std::make_shared<Arguments>();  // lives as long as the callback below
  LoadOptions& load = arguments->load;
  CLI::App* const command = app.add_subcommand("load-window", "measure one window of load");
  command->group("");  // hidden: the harness starts it
  command->add_option("WORKLOAD", load.workload, "see: contend list")->required();
  command->add_option("--connect", load.address, "HOST:PORT or unix:PATH")->required();
  command->add_option("--connections", load.connections, "clients at once")
      ->check(in_range(1U, 65536U))
      ->capture_default_str();
  command->add_option("--idle", load.idle, "connections that say nothing, beside them")
      ->check(in_range(0U, 65536U));
  command->add_option("--warmup-ms", arguments->warmup_ms, "discarded")
      ->check(in_range(0U, 600'000U))
      ->capture_default_str();
  command->add_option("--window-ms", arguments->window_ms, "measured")
      ->check(in_range(1U, 600'000U))
      ->capture_default_str();
  command->add_option("--cpu", load.cpus, "run on these only")
      ->check(in_range(0U, CPU_SETSIZE - 1U))
      ->delimiter(',');
  command->add_option("--set", load.settings, "a parameter of the workload, NAME=INTEGER");
  command->add_option("--engine", load.engine, "what drives the sessions");
  command->callback([arguments, &command_to_do] {
    command_to_do = [arguments] {
      signal(SIGPIPE, SIG_IGN);
      arguments->load.warmup = std::chrono::milliseconds(arguments->warmup_ms);
      arguments->load.window = std::chrono::milliseconds(arguments->window_ms);
      measure_window(arguments->load, STDIN_FILENO, STDOUT_FILENO);
      return 0;
    };
  });
}

}  // namespace contend
