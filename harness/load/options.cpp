// The options of contend load: names, ranges and help.
#include "harness/load/options.hpp"

#include <CLI/CLI.hpp>

#include "engines/command_line.hpp"
#include "harness/base/time_option.hpp"
#include "harness/load/request/target.hpp"
#include "harness/load/schedule/schedule.hpp"

namespace contend::load {
namespace {

template <typename Count>
CLI::Option* add_count(CLI::App& command, const char* names, Count& count, std::uint64_t least,
                       std::uint64_t most, const char* meaning) {
  return command.add_option(names, count, meaning)->check(in_range(least, most));
}

void add_load(CLI::App& command, Options& options) {
  add_count(command, "-c,--connections", options.connections, 1, 65536,
            "Number of concurrent connections")
      ->capture_default_str();
  add_count(command, "-t,--threads", options.threads, 1, 1024,
            "Number of threads that drive the connections")
      ->capture_default_str();
  add_time(command, "-d,--duration", options.duration,
           "Length of the load [10s]; of the whole search with --find-max or --sweep [60s]");
  CLI::Option* const warm_up =
      add_time(command, "--warm-up", options.warm_up,
               "Discard the results of this time, which comes before --duration. With --ramp or "
               "--stages it is the first part of their time");
  add_count(command, "-n,--requests", options.requests, 1, INT64_MAX,
            "Stop after this many requests, even if --duration is not over")
      ->excludes(warm_up);
  add_count(command, "-p,--pipeline", options.pipeline, 1, 1024,
            "Maximum number of requests in flight on a connection")
      ->capture_default_str();
  add_count(command, "--keep-alive", options.keep_alive, 1, 1'000'000'000,
            "Close a connection after this many requests and open a new one [never]");
  add_time(command, "--timeout", options.timeout,
           "Fail a request if no answer came within this time after its sending began, and an "
           "attempt to connect that takes longer [5s]");
  command
      .add_option(
          "--allow-remote", options.allowed_remote,
          "Allow load on the URL's host although it is not this machine. Name only a host that "
          "you are permitted to load")
      ->type_name("HOST");
  add_count(command, "--size", options.size_bytes, 1, 65536, "Message size in bytes (tcp:// only)")
      ->capture_default_str();
}

/// What is asked over HTTP, and what is a right answer.
void add_request(CLI::App& command, Options& options) {
  CLI::Option* const method = command.add_option(
      "-X,--method", options.method, "Request method [GET, or POST if there is a body]");
  command
      .add_option("-H,--header", options.fields,
                  "Add this header to each request, as 'Name: value'")
      ->allow_extra_args(false);
  CLI::Option* const body = command.add_option("--body", options.body, "Request body");
  CLI::Option* const body_file =
      command.add_option("--body-file", options.body_file, "Read the request body from FILE")
          ->type_name("FILE")
          ->excludes(body);
  command
      .add_option("--requests-file", options.requests_file,
                  "Choose each request by weight from the lines of FILE: [WEIGHT] METHOD PATH "
                  "[BODY]. {seq}, {conn} and {rand:LOW:HIGH} stand for numbers")
      ->type_name("FILE")
      ->excludes(method)
      ->excludes(body)
      ->excludes(body_file);
  command
      .add_option("--expect", options.expected_status,
                  "Count any other status as an error [any from 200 to 399 is right]")
      ->check(in_range(200, 599));
  command.add_option("--expect-body", options.expected_body,
                     "Count any other body as an error [any is right]");
  command
      .add_option("--seed", options.seed,
                  "Seed for the choice of requests and for Poisson arrivals [random]")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
}

void add_open_loop(CLI::App& command, Options& options) {
  CLI::Option* const rate =
      command
          .add_option(
              "-r,--rate", options.rate_per_s,
              "Send this many requests per second, each at its time, however fast the server "
              "answers (open loop)")
          ->check(in_range(1e-3, max_rate_per_s));
  CLI::Option* const ramp =
      command
          .add_option("--ramp", options.ramp,
                      "Change the rate evenly from FROM to TO within TIME, as FROM:TO:TIME[:STEPS]")
          ->excludes(rate);
  CLI::Option* const stages = command
                                  .add_option("--stages", options.stages_file,
                                              "Read a list of rates and times from FILE (JSON)")
                                  ->type_name("FILE")
                                  ->excludes(rate)
                                  ->excludes(ramp);
  for (CLI::Option* const schedule : {ramp, stages})
    schedule->excludes(command.get_option("--duration"));
  command
      .add_option(
          "--arrivals", options.arrivals,
          "Space requests evenly (uniform) or as independent users would (poisson) [uniform]")
      ->check(CLI::IsMember({"uniform", "poisson"}));
  command
      .add_option("--pace", options.pace,
                  "Sleep between requests, or spin: that is more exact and takes a whole core")
      ->check(CLI::IsMember({"sleep", "spin"}))
      ->capture_default_str();
}

void add_server(CLI::App& command, Options& options) {
  CLI::Option* const pid =
      command
          .add_option("--server-pid", options.server_pid,
                      "Measure CPU, context switches and memory of this server process and its "
                      "children")
          ->check(in_range(1, INT32_MAX))
          ->type_name("PID");
  command
      .add_option("--exec", options.exec,
                  "Start the server with this command, wait up to 30s for its first right answer, "
                  "measure it like --server-pid, and end it")
      ->type_name("COMMAND")
      ->excludes(pid);
}

void add_output(CLI::App& command, Options& options) {
  CLI::Option* const json = command.add_flag("--json", options.json, "Print the result as JSON");
  command
      .add_flag("--histogram", options.histogram,
                "Print the latency in HdrHistogram's percentile format, for its plotter")
      ->excludes(json);
  command
      .add_option("--csv", options.csv, "Write one row per second to FILE (-: to standard output)")
      ->type_name("FILE");
  command
      .add_option(
          "--plot", options.plot,
          "Draw the result as PREFIX.png and PREFIX.svg, and write it to PREFIX.json; PREFIX "
          "may be a folder")
      ->type_name("PREFIX");
}

/// What is asked of the server, and loads at several rates, which have rates and times of their
/// own.
void add_objectives(CLI::App& command, Options& options) {
  CLI::Option* const expect =
      command
          .add_option(
              "--expect-slo", options.expect_slo,
              "Judge the result by an objective such as p99<5ms,errors<0.1%. Exit code 1: the "
              "server broke it; 3: the load or the machine may have broken it")
          ->type_name("OBJECTIVE");
  CLI::Option* const find =
      command
          .add_option(
              "--find-max", options.find_max,
              "Find the highest rate that keeps this objective; give it enough --connections. "
              "Exit code 1: no rate keeps it; 3: the load or the machine was the limit, or "
              "--duration was too short to be sure")
          ->type_name("OBJECTIVE");
  CLI::Option* const sweep =
      command
          .add_option("--sweep", options.sweep,
                      "Measure at each of these rates: FROM:TO:POINTS, or a list with commas")
          ->type_name("RATES")
          ->excludes(find);
  for (CLI::Option* const search : {find, sweep}) {
    search->excludes(expect);
    for (const char* name :
         {"--rate", "--ramp", "--stages", "--requests", "--warm-up", "--histogram", "--csv"})
      search->excludes(command.get_option(name));
  }
}

}  // namespace

void add_options(CLI::App& command, Options& options) {
  command
      .add_option(
          "URL", options.url,
          "http://HOST:PORT/PATH, or tcp://HOST:PORT for an echo server. unix:SOCKET may stand "
          "for HOST:PORT")
      ->required();
  for (const auto& [group, add] : {std::pair{"Load", &add_load},
                                   {"Request", &add_request},
                                   {"Open loop", &add_open_loop},
                                   {"Server", &add_server},
                                   {"Output", &add_output},
                                   {"Objective", &add_objectives}}) {
    command.option_defaults()->group(group);
    add(command, options);
  }
}

}  // namespace contend::load
