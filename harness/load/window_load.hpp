// The load: a process that drives the client sessions of a workload against a server and measures
// one window. It starts no server, repeats nothing and judges nothing. The harness starts it as
// a hidden subcommand:
//   contend load-window echo --connect 127.0.0.1:7777 --connections 64 --warmup-ms 50
//     --window-ms 150 [--idle N] [--cpu C] [--set NAME=VALUE]...
//
// It says what happens in lines of JSON on standard output, times being CLOCK_MONOTONIC:
//   {"event": "connected", "connections": N}     all are made, or `connect_limit` is over; the
//                                                warm-up begins
//   {"event": "window_begins", "at_ns": T}
//   {"event": "window_ends", "at_ns": T, "sample": {...}}      see measure_window
// and then holds all connections open, without a word, until its standard input ends.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engines/engine.hpp"
#include "workloads/workload.hpp"

namespace CLI {
class App;
}

namespace contend {

/// All connections should have been made within this time; the warm-up does not wait any longer.
inline constexpr Duration connect_limit = std::chrono::seconds(2);
/// Whoever started the load has this long, after the window, to end its standard input.
inline constexpr Duration hold_limit = std::chrono::seconds(60);

struct LoadOptions {
  std::string workload, address;
  std::uint32_t connections = 1;  ///< At least 1.
  /// Connections that say nothing, beside the others; where not given, the workload's parameter
  /// `idle_connections`, or none.
  std::optional<std::uint32_t> idle{};
  Duration warmup{}, window{};          ///< The window must be longer than 0.
  std::vector<std::string> settings{};  ///< NAME=INTEGER, parameters of the workload.
  std::vector<unsigned> cpus{};         ///< Run on these only; empty: on any.
  std::string engine{};                 ///< What drives the sessions; empty: load_engine().
};

/// Measures one window; what it says goes to `output`, and `input` (both borrowed) is watched for
/// its end. `sample` holds:
///   operations, errors (by kind, only those that occurred), warmup_errors (likewise, of before the
///   window), first_error_after_ns (of the window's beginning; null: none), window_ns (measured:
///   the window lasts until this process has noticed that it is over),
///   histograms ("all", and each kind where the workload has kinds), fairness_jain (null: no
///   operation), starved_connections, load_cpu_ns (of this process) within
///   load_wall_ns, connections_made (more than asked for where sessions connect again),
///   connections_open (at the end), engine (what drove the load).
/// Throws std::invalid_argument for wrong use (not a loopback address, unknown names, no clients),
/// std::runtime_error when the input ends before the window does, or the sessions do,
/// std::system_error when something can't be set up. Everything is closed afterwards.
void measure_window(const LoadOptions& options, int input, int output);

/// Adds the hidden subcommand; parsing it makes it `command_to_do`, which must outlive the parsing.
void add_load_window(CLI::App& app, std::function<int()>& command_to_do);

}  // namespace contend
