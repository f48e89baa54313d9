// contend load: what its command line can ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/session.hpp"

namespace CLI {
class App;
}

namespace contend::load {

struct Options {
  std::string url, allowed_remote;
  std::uint32_t connections = 64, threads = 1, pipeline = 1, size_bytes = 64;
  Duration duration{};  ///< 0: 10 s, or of loads at several rates 60 s for all.
  Duration warm_up{}, timeout = std::chrono::seconds(5);
  std::uint64_t requests = 0, keep_alive = 0;  ///< 0: no limit.
  std::string method;                          ///< Empty: GET, or POST with a body.
  std::string body_file, requests_file;        ///< Empty: none.
  std::vector<std::string> fields;             ///< "Name: value"
  std::optional<std::string> body, expected_body;
  int expected_status = 0;           ///< 0: any from 200 to 399.
  std::optional<double> rate_per_s;  ///< An open loop, as each of these makes it.
  std::string ramp, stages_file;
  std::string arrivals, pace = "sleep";
  std::optional<std::uint64_t> seed;
  bool json = false, histogram = false;
  std::string csv;                          ///< The file of the seconds; -: standard output.
  std::string expect_slo, find_max, sweep;  ///< An objective, an objective, rates; empty: none.
  std::string plot;                         ///< What the figures' names begin with; empty: none.
  std::optional<pid_t> server_pid;
  std::string exec;  ///< Of the server that is to be started; empty: none.
};

/// Adds the options of contend load to `command`; `options` must outlive it.
void add_options(CLI::App& command, Options& options);

}  // namespace contend::load
