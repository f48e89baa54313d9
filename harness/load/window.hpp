// Measures one window of a workload's client sessions against a server, and says when the window
// begins and ends. It starts no server, repeats nothing and judges nothing. The harness starts it
// as a hidden subcommand:
//   contend load-window echo --connect 127.0.0.1:7777 --connections 64 --warmup-ms 50
//     --window-ms 150 [--idle N] [--cpu C] [--set NAME=VALUE]...
//
// It writes lines of JSON to standard output; times are of CLOCK_MONOTONIC:
//   {"event": "connected", "connections": N}   all connections are made, or `connect_limit` is
//                                              over; the warm-up begins
//   {"event": "window_begins", "at_ns": T}
//   {"event": "window_ends", "at_ns": T}       from here on it sends nothing and holds all
//                                              connections open, until its standard input ends
//   {"event": "sample", ...}                   see measure_window
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "workloads/session.hpp"

namespace CLI {
class App;
}

namespace contend::load {

/// All connections should have been made within this time; the warm-up does not wait any longer.
inline constexpr Duration connect_limit = std::chrono::seconds(2);
/// The process that started the load has this long, after the window, to end its standard input.
inline constexpr Duration hold_limit = std::chrono::seconds(60);

struct WindowSpec {
  std::string workload, address;
  std::uint32_t connections = 1;  ///< At least 1.
  /// Number of connections that send nothing, besides the others. Null: the workload's parameter
  /// `idle_connections`, or 0 if it has none.
  std::optional<std::uint32_t> idle{};
  Duration warmup{}, window{};          ///< The window must be longer than 0.
  std::vector<std::string> settings{};  ///< NAME=INTEGER, parameters of the workload.
  std::vector<unsigned> cpus{};         ///< The only CPUs to run on; empty: any.
  std::string engine{};                 ///< What drives the sessions; empty: load_engine().
};

/// Measures one window. Writes its events to `output`, and holds the connections until `input`
/// becomes readable, which its end makes it (both descriptors are borrowed). The event `sample`
/// has:
///   operations             right answers that came within the window
///   errors, warm_up_errors counts by kind, only those that occurred
///   window_ns              from `window_begins` to `window_ends`
///   histograms             service times: "all", and one by the name of each kind of request
///   fairness_jain          of the operations of each connection (jain_index); null: no operation
///   starved_connections    connections without an operation
///   load_cpu_ns            CPU time of this process during load_wall_ns, which is the window and
///                          some microseconds
///   connections_open       at the end
/// Throws std::invalid_argument for wrong use (not a loopback address, unknown names, no clients),
/// std::runtime_error if the input or the sessions end before the window does, std::system_error
/// if something can't be set up. All is closed afterwards.
void measure_window(const WindowSpec& spec, int input, int output);

/// Adds the hidden subcommand. Parsing it sets `command_to_do`, which must outlive the parsing.
void add_load_window(CLI::App& app, std::function<int()>& command_to_do);

}  // namespace contend::load
