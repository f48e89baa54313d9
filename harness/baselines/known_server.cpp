// A server whose behaviour is known exactly, for scripts/bench_load.py: what a load generator finds
// is held against it. No engine, though one carries it out. It speaks the part `serve` of
// docs/host-protocol.md: prints its port, and ends by SIGTERM. Try it:
//   build/release/known_server exact --delay-us 5000 --listen 127.0.0.1:7777
//   build/release/contend load http://127.0.0.1:7777/ --rate 1000
#include <signal.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engines/command_line.hpp"
#include "engines/engine.hpp"
#include "engines/exit_codes.hpp"
#include "harness/base/interruption.hpp"
#include "harness/baselines/known_answers.hpp"
#include "harness/machine/limits.hpp"
#include "workloads/json_text.hpp"

namespace contend {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int64_t max_us = 60'000'000, max_ms = 600'000;

struct Arguments {
  std::string address = "127.0.0.1:0";
  std::int64_t delay_us = 0, period_ms = 10'000, freeze_ms = 1'000;
  std::int64_t spin_us = 0;
  double rate_per_s = 0;
  std::function<std::unique_ptr<Service>()> service{};
  const Engine* engine = nullptr;
};

void print(const json& line) {
  std::cout << json_text(line) << std::endl;
}

void serve(const Arguments& arguments) {
  const std::unique_ptr<Service> service = arguments.service();
  const ServeOptions options{.spin = microseconds(arguments.spin_us)};
  const Interruption interruption;
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1UL);  // by default an answer is up to 50 us late
  raise_descriptor_limit(options.max_connections);
  Fd listener = listen_on(Endpoint::parse(arguments.address));
  print({{"listening", port_of(listener)}});
  const ServeReport report =
      arguments.engine->serve(std::move(listener), *service, options, interruption.token());
  print({{"report",
          {{"accepted", report.accepted},
           {"accept_pauses", report.accept_pauses},
           {"detail", report.detail}}}});
}

void add_delay(CLI::App& command, Arguments& arguments) {
  command.add_option("--delay-us", arguments.delay_us, "of an answer")
      ->required()
      ->check(in_range(std::int64_t{0}, max_us));
}

void add_servers(CLI::App& app, Arguments& arguments) {
  // epoll for those that hold answers, since its timers are the kernel's, in ns.
  const auto add = [&](const char* name, const char* meaning, auto service,
                       const Engine& engine = find_engine("epoll")) {
    CLI::App* const command = app.add_subcommand(name, meaning);
    command->callback([&arguments, &engine, service] {
      arguments.service = service;
      arguments.engine = &engine;
    });
    return command;
  };
  add_delay(*add("exact", "answer each request after a delay",
                 [&] { return known_service(exact_rule(microseconds(arguments.delay_us))); }),
            arguments);
  add_delay(*add("hundredth", "answer at once, but every hundredth request after a delay",
                 [&] { return known_service(hundredth_rule(microseconds(arguments.delay_us))); }),
            arguments);
  CLI::App* const frozen = add("frozen", "answer nobody for a part of each period", [&] {
    return known_service(
        frozen_rule(milliseconds(arguments.period_ms), milliseconds(arguments.freeze_ms)));
  });
  for (auto [flag, value] :
       {std::pair{"--period-ms", &arguments.period_ms}, {"--freeze-ms", &arguments.freeze_ms}})
    frozen->add_option(flag, *value)
        ->check(in_range(std::int64_t{1}, max_ms))
        ->capture_default_str();
  add("capacity", "answer so many a second, and let the others wait",
      [&] { return known_service(capacity_rule(arguments.rate_per_s)); })
      ->add_option("--rate", arguments.rate_per_s, "answers a second")
      ->required()
      ->check(in_range(1e-3, 1e7));
  add("answers", "answer at once, with as little work as can be", prompt_service, load_engine());
}

/// Says why, and how to mend it.
int fail(const char* why, int exit_code) {
  std::cerr << "known_server: " << why << '\n';
  return exit_code;
}

int play(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"A server whose behaviour is known exactly."};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--listen", arguments.address, "HOST:PORT; port 0: the kernel chooses")
      ->capture_default_str();
  app.add_option("--spin-us", arguments.spin_us,
                 "poll this long before sleeping: more exact, and takes a whole core")
      ->check(in_range(std::int64_t{0}, max_us))
      ->capture_default_str();
  add_servers(app, arguments);
  try {
    parse_command_line(app, argc, argv);
    serve(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_wrong_use;
  } catch (const std::invalid_argument& error) {
    return fail(error.what(), exit_wrong_use);
  } catch (const std::exception& error) {
    return fail(error.what(), exit_failed);
  }
  return 0;
}

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  return contend::play(argc, argv);
}
