// Figures of a load, drawn by scripts/plot_load.py from the JSON that is left beside them. It knows
// no figure.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace contend::load {

/// Returns the path of plot_load.py that came with contend. Throws std::invalid_argument if there
/// is none.
std::filesystem::path plot_script();

class Plot {
 public:
  /// `prefix` is what the files' names begin with, or a folder that there is, in which they are
  /// called load. Throws std::invalid_argument that says what to install, where the script is not
  /// found or can't draw here, or where the files can't be written.
  explicit Plot(const std::string& prefix, std::filesystem::path script = plot_script());

  /// Writes PREFIX.json and draws PREFIX.png and PREFIX.svg. Throws std::runtime_error that says
  /// what went wrong; what could be written is left.
  void draw(const nlohmann::json& load) const;

 private:
  std::filesystem::path script_, json_;
};

}  // namespace contend::load
