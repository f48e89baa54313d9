// What to measure: a suite is a JSON file of entries, and with what the host can play it becomes
// cells, each one engine x workload x parameters x connections. Data may name engines; code
// doesn't.
//   contend bench --suite smoke        or        contend bench --suite my-suite.json
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/process/host_list.hpp"

namespace contend {

/// What is measured beside engine and workload.
struct CellOptions {
  std::map<std::string, std::int64_t> parameters;
  std::string variant;  ///< Name for unusual parameters; part of the cell's id.
  Duration window = std::chrono::milliseconds(150);
  Duration warmup = std::chrono::milliseconds(50);
  unsigned workers = 1;
  Duration spin{}, delay{};
  friend bool operator==(const CellOptions&, const CellOptions&) = default;
};

struct Cell {
  std::string engine, workload;
  Role role = Role::serve;
  unsigned connections = 0;  ///< How many clients; 0 for the roles `run` and `lesson`.
  CellOptions options;       ///< With every parameter that the workload has.

  /// WORKLOAD/ENGINE[/CONNECTIONS][/VARIANT]
  std::string id() const;
  /// The same without the engine: what engines are compared on.
  std::string scenario() const;
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct Suite {
  /// One entry makes a cell for each of its engines and each of its numbers of connections.
  struct Entry {
    std::string where;  ///< For errors: file and index.
    std::string workload;
    std::vector<std::string> engines;  ///< Empty: every charted one that can play it.
    bool outside = false;              ///< Where `engines` is empty: outside engines, too.
    std::vector<unsigned> connections;
    CellOptions options;
  };
  /// How a parameter follows the scale of the suite: in proportion, or as the n of fib(n), whose
  /// cost grows by the golden ratio with each step.
  enum class Scaling : std::uint8_t { linear, fibonacci };

  std::string name, summary;
  unsigned rounds = 1;
  std::vector<Entry> entries;
  std::map<std::string, Scaling> scaling{};  ///< By parameter; empty: it can't be scaled.
  double scale = 1;                          ///< Where nothing else is asked for.
};

inline constexpr unsigned max_rounds = 100'000;
inline constexpr std::size_t max_cells = 10'000;
inline constexpr double max_scale = 1000;

/// Strict: throws std::invalid_argument that names `where`, the field, and what it must be.
Suite parse_suite(const nlohmann::json& json, const std::string& where);
/// Reads a suite of this name from contend's workloads/suites (folders_called), or a .json file.
/// Throws std::invalid_argument that names the known suites.
Suite load_suite(const std::string& name_or_file);

/// The suite with all its work `scale` times as large; a parameter that is not 0 stays at least 1.
/// Throws std::invalid_argument where the suite can't be scaled.
void rescale(Suite& suite, double scale);

/// Empty: all.
struct Selection {
  std::vector<std::string> engines{}, workloads{}, scenarios{};
};

/// The cells, in the order of the charts. Throws std::invalid_argument for an engine, workload or
/// parameter that the host does not have, for two cells of the same id, and for none at all.
std::vector<Cell> expand(const Suite& suite, const Host& host, const Selection& selection);

/// How long one sample takes, all in all. A guess where it depends on the engine.
Duration estimate(const Cell& cell);

}  // namespace contend
