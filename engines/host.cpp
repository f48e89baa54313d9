// contend-engine: the host process of the engines. It knows nothing of measuring, so that two
// revisions of it can be measured by one harness. It speaks docs/host-protocol.md. Try it:
//   contend-engine serve epoll echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "engines/command_line.hpp"
#include "engines/engine.hpp"
#include "engines/exit_codes.hpp"
#include "engines/host/listing.hpp"
#include "engines/host/report.hpp"
#include "engines/host/slowdown.hpp"
#include "engines/standard_streams.hpp"
#include "workloads/json_text.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

using nlohmann::json;

constexpr std::uint64_t max_logged_requests = 1 << 24;

/// Why an engine can't be used here; main turns it into exit 77.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Arguments {
  std::string engine, workload, allowed_remote;
  std::string address = "127.0.0.1:0";
  std::vector<std::string> settings;
  unsigned workers = 1, max_connections = ServeOptions{}.max_connections, clients = 1;
  std::uint64_t spin_us = 0, delay_us = 0;
  std::optional<double> slow_percent;  ///< Absent: nothing is put in between.
};

StopSource* stop_source = nullptr;  // for the signal handler alone
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr itimerval stop_deadline{.it_interval = {}, .it_value = {.tv_sec = 4, .tv_usec = 500'000}};
#else
constexpr itimerval stop_deadline{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 900'000}};
#endif

extern "C" void on_alarm(int) {
  constexpr std::string_view reason = "contend-engine: the step in hand would not end\n";
  [[maybe_unused]] const ssize_t said = write(STDERR_FILENO, reason.data(), reason.size());
  _exit(exit_failed);
}

extern "C" void on_stop(int) {
  if (stop_source->token().requested()) return;
  stop_source->request();
  // A step in hand that takes longer (a large fib) must not keep the host past its second.
  setitimer(ITIMER_REAL, &stop_deadline, nullptr);
}

/// While it lives, signals stop the source; from then on they are ignored, for the end is near.
class SignalHandling {
 public:
  explicit SignalHandling(StopSource& source);
  SignalHandling(const SignalHandling&) = delete;
  SignalHandling& operator=(const SignalHandling&) = delete;
  ~SignalHandling() {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
  }
};

SignalHandling::SignalHandling(StopSource& source) {
  stop_source = &source;
  struct sigaction action {};
  action.sa_flags = SA_RESTART;
  action.sa_handler = on_stop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void print(const json& line) {
  std::cout << json_text(line) << '\n';
  flush_standard_output();
}

Parameters parameters_of(const Workload& workload, const std::vector<std::string>& settings) {
  return {workload.parameters, Parameters::parse(settings)};
}

const Engine& playable(const Arguments& arguments, bool has_role, std::string_view role) {
  const Engine& engine = find_engine(arguments.engine);
  const auto refuse = [&](std::string_view flag) {
    throw std::invalid_argument("engine " + arguments.engine + " takes no " + std::string(flag));
  };
  if (!has_role)
    throw std::invalid_argument("engine " + arguments.engine + " or workload " +
                                arguments.workload + " has no role " + std::string(role));
  if (arguments.workers == 0 || arguments.workers > arguments.max_connections)
    throw std::invalid_argument("--workers must be at least 1, and at most --max-connections");
  if (arguments.workers > 1 && !engine.scales) refuse("--workers above 1");
  if (arguments.spin_us > 0 && !engine.spins) refuse("--spin-us");
  if (arguments.delay_us > 0 && !engine.delays) refuse("--delay-us");
  if (engine.unavailable != nullptr)
    if (const char* reason = engine.unavailable()) throw Unavailable(reason);
  return engine;
}

/// Removes a unix socket's file at the end; nothing else would.
class SocketFile {
 public:
  explicit SocketFile(const Endpoint& endpoint) : text_(endpoint.text()) {}
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;
  ~SocketFile() {
    if (text_.starts_with(scheme)) unlink(text_.c_str() + scheme.size());
  }

 private:
  static constexpr std::string_view scheme = "unix:";
  std::string text_;
};

void serve(const Arguments& arguments, StopSource& stop) {
  const Workload& workload = find_workload(arguments.workload);
  const Engine& engine = playable(
      arguments, find_engine(arguments.engine).serve != nullptr && workload.service != nullptr,
      "serve");
  const auto service = workload.service(parameters_of(workload, arguments.settings));
  const Endpoint endpoint = Endpoint::parse(arguments.address);
  const bool is_file = endpoint.family() == AF_UNIX;
  if (is_file && json_text(json(endpoint.text())).find("\uFFFD") != std::string::npos)
    throw std::invalid_argument(
        "--listen: the path is not UTF-8, and this host tells it in JSON: name another one");
  if (is_file && arguments.workers > 1)
    throw std::invalid_argument("a unix socket has one listener and takes no --workers above 1");
  Fd listener = listen_on(endpoint, arguments.workers > 1);
  const SocketFile file(endpoint);
  print({{"listening", is_file ? json(endpoint.text()) : json(port_of(listener))}});
  SlowedService slowed(*service, arguments.slow_percent.value_or(0) / 100);
  Service& served = arguments.slow_percent ? slowed : *service;
  const ServeReport report = engine.serve(std::move(listener), served,
                                          {.workers = arguments.workers,
                                           .spin = std::chrono::microseconds(arguments.spin_us),
                                           .max_connections = arguments.max_connections,
                                           .delay = std::chrono::microseconds(arguments.delay_us)},
                                          stop.token());
  print({{"report",
          {{"accepted", report.accepted},
           {"accept_pauses", report.accept_pauses},
           {"detail", report.detail}}}});
}

void drive(const Arguments& arguments, StopSource& stop) {
  const Endpoint endpoint = Endpoint::parse(arguments.address);
  require_allowed(endpoint, arguments.address, endpoint.host(), arguments.allowed_remote);
  const Workload& workload = find_workload(arguments.workload);
  const Engine& engine = playable(
      arguments, find_engine(arguments.engine).drive != nullptr && workload.client != nullptr,
      "drive");
  const Parameters parameters = parameters_of(workload, arguments.settings);
  const std::uint32_t requests = RequestLog::requests_of(parameters);
  if (std::uint64_t{arguments.clients} * requests > max_logged_requests)
    throw std::invalid_argument("a drive keeps the times of every request; ask for no more than " +
                                std::to_string(max_logged_requests) + " in all");
  RequestLog log(arguments.clients, requests);
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<Session*> borrowed;
  for (std::uint32_t client = 0; client < arguments.clients; ++client) {
    Session* session = sessions.emplace_back(workload.client(parameters, client, log, log)).get();
    if (arguments.slow_percent)
      session = sessions
                    .emplace_back(
                        std::make_unique<SlowedSession>(*session, *arguments.slow_percent / 100))
                    .get();
    borrowed.push_back(session);
  }

  const Cost cost;
  engine.drive(endpoint, borrowed,
               {.spin = std::chrono::microseconds(arguments.spin_us),
                .stop = stop.token(),
                .delay = std::chrono::microseconds(arguments.delay_us)});
  print({{"report", report_of(cost, log)}});
}

void run(const Arguments& arguments, StopSource& stop) {
  const Workload& workload = find_workload(arguments.workload);
  const Engine& engine = playable(
      arguments, find_engine(arguments.engine).run != nullptr && workload.jobs != nullptr, "run");
  const std::vector<Job> jobs = workload.jobs(parameters_of(workload, arguments.settings));
  SharedArray<Job> shared(jobs.size());
  std::ranges::copy(jobs, shared.span().begin());
  if (arguments.slow_percent) slow_down(shared.span(), *arguments.slow_percent / 100);

  const Cost cost;
  engine.run(shared.span(),
             {.stop = stop.token(), .delay = std::chrono::microseconds(arguments.delay_us)});
  print({{"report", report_of(cost, shared.span())}});
}

void lesson(const Arguments& arguments) {
  const Workload& workload = find_workload(arguments.workload);
  const Engine& engine = playable(
      arguments, find_engine(arguments.engine).lesson != nullptr && workload.role == Role::lesson,
      "lesson");
  LessonReport taught;
  const Cost cost;
  engine.lesson(workload.name, parameters_of(workload, arguments.settings), taught);
  print({{"report", report_of(cost, taught)}});
}

void add_common(CLI::App& command, Arguments& arguments) {
  command.add_option("ENGINE", arguments.engine, "see: contend-engine list")->required();
  command.add_option("WORKLOAD", arguments.workload, "see: contend-engine list")->required();
  command.add_option("--set", arguments.settings, "a parameter of the workload, NAME=INTEGER");
  command.add_option("--delay-us", arguments.delay_us, "how slow an engine of known slowness is")
      ->check(in_range(std::uint64_t{0}, max_delay_us));
}

int play(int argc, char** argv) {
  Arguments arguments;
  StopSource stop;
  CLI::App app{"The host of contend's engines; it speaks the host protocol."};
  app.footer(
      "Examples:\n  contend-engine list\n  contend-engine serve epoll http --listen "
      "127.0.0.1:8080\n"
      "  contend-engine run threads fib --set n=30");
  app.require_subcommand(1);
  app.add_option("--slow-percent", arguments.slow_percent,
                 "add so much CPU time as busy work: a known slowdown, for testing what finds them")
      ->check(in_range(0.0, 1000.0));
  app.add_subcommand("list", "what can be played, as JSON")->callback([] { print(listing()); });
  CLI::App* const server = app.add_subcommand("serve", "serve until SIGTERM");
  add_common(*server, arguments);
  server->add_option("--listen", arguments.address, "HOST:PORT or unix:PATH")
      ->capture_default_str();
  server->add_option("--workers", arguments.workers, "loops, each with its own listener")
      ->check(in_range(1U, 1024U))
      ->capture_default_str();
  server->add_option("--spin-us", arguments.spin_us, "poll this long before sleeping")
      ->check(in_range(std::uint64_t{0}, max_spin_us));
  server->add_option("--max-connections", arguments.max_connections, "at once; more have to wait")
      ->check(in_range(1U, UINT32_MAX))
      ->capture_default_str();
  server->callback([&] { serve(arguments, stop); });
  CLI::App* const driver = app.add_subcommand("drive", "be the clients of a server");
  add_common(*driver, arguments);
  driver->add_option("--connect", arguments.address, "HOST:PORT or unix:PATH")->required();
  driver
      ->add_option("--allow-remote", arguments.allowed_remote,
                   "load this host, though it is not this machine: only one that is yours to load")
      ->type_name("HOST");
  driver->add_option("--clients", arguments.clients, "client sessions")
      ->check(in_range(1U, UINT32_MAX))
      ->capture_default_str();
  driver->add_option("--spin-us", arguments.spin_us, "poll this long before sleeping")
      ->check(in_range(std::uint64_t{0}, max_spin_us));
  driver->callback([&] { drive(arguments, stop); });
  CLI::App* const runner = app.add_subcommand("run", "perform jobs");
  add_common(*runner, arguments);
  runner->callback([&] { run(arguments, stop); });
  CLI::App* const teacher = app.add_subcommand("lesson", "show what a runtime does with tasks");
  add_common(*teacher, arguments);
  teacher->callback([&] { lesson(arguments); });

  const SignalHandling handling(stop);
  raise_descriptor_limit();
  try {
    parse_command_line(app, argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_wrong_use;
  }
  return 0;
}

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  try {
    contend::open_standard_streams();
    const int code = contend::play(argc, argv);
    contend::flush_standard_output();
    return code;
  } catch (const contend::Unavailable& reason) {
    std::cerr << "contend-engine: " << reason.what() << '\n';
    return contend::exit_unavailable;
  } catch (const std::invalid_argument& error) {
    std::cerr << "contend-engine: " << error.what() << '\n';
    return contend::exit_wrong_use;
  } catch (const std::bad_alloc&) {
    std::cerr << "contend-engine: out of memory; raise the limit with ulimit -v\n";
    return contend::exit_failed;
  } catch (const std::exception& error) {
    std::cerr << "contend-engine: " << error.what() << '\n';
    return contend::exit_failed;
  }
}
