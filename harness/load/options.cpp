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
  add_count(command, "-c,--connections", options.connections, 1, 65536, "at once")
      ->capture_default_str();
  add_count(command, "-t,--threads", options.threads, 1, 1024, "that share the connections")
      ->capture_default_str();
  add_time(command, "-d,--duration", options.duration,
           "how long [10s]; of --find-max and --sweep all of it [60s]");
  CLI::Option* const warm_up =
      add_time(command, "--warm-up", options.warm_up,
               "load for so long before, and discard that; of --ramp and --stages it is a part");
  add_count(command, "-n,--requests", options.requests, 1, INT64_MAX, "end after so many, too")
      ->excludes(warm_up);
  add_count(command, "-p,--pipeline", options.pipeline, 1, 1024,
            "requests in flight on a connection, at most")
      ->capture_default_str();
  add_count(command, "--keep-alive", options.keep_alive, 1, 1'000'000'000,
            "requests on a connection, then connect anew; 1: churn");
  add_time(command, "--timeout", options.timeout,
           "give up a request this long after its sending began, and an attempt to connect [5s]");
  command
      .add_option(
          "--allow-remote", options.allowed_remote,
          "load this host, the URL's, though it is not this machine: only one that is yours "
          "to load")
      ->type_name("HOST");
  add_count(command, "--size", options.size_bytes, 1, 65536, "bytes of a message, of tcp://")
      ->capture_default_str();
}

/// What is asked over HTTP, and what is a right answer.
void add_request(CLI::App& command, Options& options) {
  CLI::Option* const method = command.add_option("-X,--method", options.method,
                                                 "of the request [GET, or POST with a body]");
  command.add_option("-H,--header", options.fields, "a field of the request, 'Name: value'")
      ->allow_extra_args(false);
  CLI::Option* const body = command.add_option("--body", options.body, "of the request");
  CLI::Option* const body_file =
      command.add_option("--body-file", options.body_file, "the file that has it")
          ->type_name("FILE")
          ->excludes(body);
  command
      .add_option("--requests-file", options.requests_file,
                  "requests to choose from, one a line: [WEIGHT] METHOD PATH [BODY]; with "
                  "{seq}, {conn} and {rand:LOW:HIGH}")
      ->type_name("FILE")
      ->excludes(method)
      ->excludes(body)
      ->excludes(body_file);
  command
      .add_option("--expect", options.expected_status,
                  "the one status that is right [any from 200 to 399]")
      ->check(in_range(200, 599));
  command.add_option("--expect-body", options.expected_body, "the one body that is right [any]");
  command
      .add_option("--seed", options.seed, "of what is chosen, and of poisson arrivals [a new one]")
      ->check(in_range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
}

void add_open_loop(CLI::App& command, Options& options) {
  CLI::Option* const rate =
      command
          .add_option("-r,--rate", options.rate_per_s,
                      "requests a second, sent at their times whatever the answers do")
          ->check(in_range(1e-3, highest_rate_per_s));
  CLI::Option* const ramp =
      command
          .add_option("--ramp", options.ramp,
                      "a rate that goes from one to another: FROM:TO:TIME, or in :STEPS")
          ->excludes(rate);
  CLI::Option* const stages =
      command.add_option("--stages", options.stages_file, "rates and times as JSON")
          ->type_name("FILE")
          ->excludes(rate)
          ->excludes(ramp);
  for (CLI::Option* const schedule : {ramp, stages})
    schedule->excludes(command.get_option("--duration"));
  command
      .add_option("--arrivals", options.arrivals, "uniform, or poisson as of many users [uniform]")
      ->check(CLI::IsMember({"uniform", "poisson"}));
  command
      .add_option("--pace", options.pace,
                  "sleep between requests, or spin, which is more exact and takes a whole core")
      ->check(CLI::IsMember({"sleep", "spin"}))
      ->capture_default_str();
}

void add_server(CLI::App& command, Options& options) {
  CLI::Option* const pid =
      command
          .add_option("--server-pid", options.server_pid,
                      "watch the server's process and its children: CPU, switches, memory")
          ->check(in_range(1, INT32_MAX))
          ->type_name("PID");
  command
      .add_option("--exec", options.exec,
                  "start the server by this command, wait for its first right answer (30s), watch "
                  "it, end it")
      ->type_name("COMMAND")
      ->excludes(pid);
}

void add_output(CLI::App& command, Options& options) {
  CLI::Option* const json = command.add_flag("--json", options.json, "print the result as JSON");
  command
      .add_flag("--histogram", options.histogram,
                "print the latency as HdrHistogram's percentile text, for its plotter")
      ->excludes(json);
  command.add_option("--csv", options.csv, "write a row a second into this file; -: print it")
      ->type_name("FILE");
  command
      .add_option("--plot", options.plot,
                  "draw the result into PREFIX.png and .svg, from PREFIX.json; or into a folder")
      ->type_name("PREFIX");
}

/// What is asked of the server, and loads at several rates, which have rates and times of their
/// own.
void add_objectives(CLI::App& command, Options& options) {
  CLI::Option* const expect =
      command
          .add_option("--expect-slo", options.expect_slo,
                      "such as p99<5ms,errors<0.1%: exit code 1 where it is broken, or 3 where the "
                      "load or the machine may have broken it")
          ->type_name("OBJECTIVE");
  CLI::Option* const find =
      command
          .add_option(
              "--find-max", options.find_max,
              "find the highest rate that keeps this, with --connections enough: exit code 1 "
              "where none does, 3 where the load or the machine was the limit or --duration was "
              "too short to be sure")
          ->type_name("OBJECTIVE");
  CLI::Option* const sweep =
      command
          .add_option("--sweep", options.sweep,
                      "measure at each of these rates: FROM:TO:POINTS, or with commas between them")
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
      .add_option("URL", options.url,
                  "http://HOST:PORT/PATH, or tcp://HOST:PORT (echo); unix:SOCKET for HOST:PORT")
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
