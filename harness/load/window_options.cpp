// The options of the hidden subcommand load-window.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "engines/command_line.hpp"
#include "harness/load/window.hpp"

namespace contend::load {

void add_load_window(CLI::App& app, std::function<int()>& command_to_do) {
  struct Arguments {
    WindowSpec window;
    std::uint32_t warmup_ms = 100, window_ms = 1000;
  };
  const auto arguments = std::make_shared<Arguments>();  // lives as long as the callback below
  WindowSpec& window = arguments->window;
  CLI::App* const command = app.add_subcommand("load-window", "Measure one window of load");
  command->group("");  // hidden: the harness starts it
  command->add_option("WORKLOAD", window.workload, "Workload (see contend list)")->required();
  command->add_option("--connect", window.address, "Server to load: HOST:PORT or unix:PATH")
      ->required();
  command->add_option("--connections", window.connections, "Number of concurrent connections")
      ->check(in_range(1U, 65536U))
      ->capture_default_str();
  command->add_option("--idle", window.idle, "Number of additional connections that send nothing")
      ->check(in_range(0U, 65536U));
  command
      ->add_option("--warmup-ms", arguments->warmup_ms,
                   "Load for this time before the window, and discard it, in milliseconds")
      ->check(in_range(0U, 600'000U))
      ->capture_default_str();
  command->add_option("--window-ms", arguments->window_ms, "Length of the window in milliseconds")
      ->check(in_range(1U, 600'000U))
      ->capture_default_str();
  command->add_option("--cpu", window.cpus, "Run on these CPUs only")
      ->check(in_range(0U, CPU_SETSIZE - 1U))
      ->delimiter(',');
  command->add_option("--set", window.settings, "Set a parameter of the workload, as NAME=INTEGER");
  command->add_option("--engine", window.engine, "Engine that drives the sessions");
  command->callback([arguments, &command_to_do] {
    command_to_do = [arguments] {
      signal(SIGPIPE, SIG_IGN);
      arguments->window.warmup = std::chrono::milliseconds(arguments->warmup_ms);
      arguments->window.window = std::chrono::milliseconds(arguments->window_ms);
      measure_window(arguments->window, STDIN_FILENO, STDOUT_FILENO);
      return 0;
    };
  });
}

}  // namespace contend::load
