// Runs the script that draws.
#include "harness/load/plot.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "harness/base/folders.hpp"
#include "harness/process/child.hpp"
#include "workloads/json_text.hpp"

namespace contend::load {
namespace {

namespace fs = std::filesystem;

constexpr const char* script_name = "plot_load.py";
/// On a busy machine the libraries alone take seconds.
constexpr Duration draws_within = std::chrono::minutes(2);

/// Runs it; its last words where it fails, empty where it does not.
std::string complaint_of(const fs::path& script, const std::string& argument) {
  try {
    const Guard guard;
    Child child(guard, {.arguments = {script, argument}});
    const Ending ending = child.wait(Clock::now() + draws_within);
    if (ending.clean()) return "";
    const std::string words = child.stderr_text();
    return words.empty() ? ending.text() : words;
  } catch (const std::system_error& error) {
    return error.what();
  }
}

}  // namespace

std::filesystem::path plot_script() {
  for (const fs::path& folder : folders_called("scripts"))
    if (fs::exists(folder / script_name)) return folder / script_name;
  throw std::invalid_argument(fmt::format(
      "--plot draws with scripts/{}, which is in no folder above this program: run contend where "
      "it was built, in its source tree",
      script_name));
}

Plot::Plot(const std::string& prefix, fs::path script) : script_(std::move(script)) {
  json_ = fs::is_directory(prefix) ? prefix + "/load.json" : prefix + ".json";
  if (const std::string stderr_text = complaint_of(script_, "--help"); !stderr_text.empty())
    throw std::invalid_argument(
        fmt::format("--plot can't draw here: {}: install python3-matplotlib and python3-numpy, or "
                    "run scripts/bootstrap",
                    stderr_text));
  const std::string folder = json_.has_parent_path() ? json_.parent_path().string() : ".";
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw std::invalid_argument(
        fmt::format("--plot can't write {}: {}", json_.string(), std::strerror(errno)));
}

void Plot::draw(const nlohmann::json& load) const {
  std::ofstream file(json_, std::ios::trunc);
  file << json_text(load) << '\n';
  file.close();
  if (!file) throw std::runtime_error("can't write " + json_.string());
  if (const std::string stderr_text = complaint_of(script_, json_); !stderr_text.empty())
    throw std::runtime_error(
        fmt::format("{} is written, its figure is not: {}", json_.string(), stderr_text));
}

}  // namespace contend::load
