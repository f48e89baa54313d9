// What is exported, read from where somebody named it.
#include "harness/export/source.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "harness/base/files.hpp"
#include "harness/base/json.hpp"

namespace contend::exports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* comparison_name = "ab.json";
constexpr const char* result_name = "result.json";

fs::path file_of(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  for (const char* name : {comparison_name, result_name})
    if (fs::exists(path / name)) return path / name;
  throw std::invalid_argument(fmt::format(
      "{}: there is neither {} nor {} in it; name the folder of a run or of a comparison",
      path.string(), comparison_name, result_name));
}

json read_json(const fs::path& file) {
  return parse_json(content_of(file), file.string());
}

}  // namespace

const std::string& Source::run_id() const {
  return result() ? result()->run.id : comparison()->run.id;
}

const std::string& Source::suite() const {
  return result() ? result()->run.suite : comparison()->run.suite;
}

const std::string& Source::started_at() const {
  return result() ? result()->run.started_at : comparison()->run.started_at;
}

const Machine& Source::machine() const {
  return result() ? result()->machine : comparison()->machine;
}

const std::string& Source::commit() const {
  return result() ? result()->build.revision : comparison()->head.name;
}

Result Source::slices(Side side) const {
  const fs::path file = folder / (side == Side::base ? "base" : "head") / result_name;
  if (!fs::exists(file))
    throw std::invalid_argument(
        fmt::format("{}: its slices should be in {}, which is not there", where, file.string()));
  return parse_result(read_json(file), file.string());
}

Source read_source(const fs::path& path) {
  const fs::path file = file_of(path);
  return parse_source(read_json(file), file);
}

Source parse_source(const json& value, const fs::path& file) {
  const std::string where = file.string();
  if (value.contains("comparisons"))
    return {
        .where = where, .content = ab::parse_ab_result(value, where), .folder = file.parent_path()};
  if (!value.contains("samples"))
    throw std::invalid_argument(
        where + ": has neither samples nor comparisons, so it is neither a result nor ab.json");
  return {.where = where, .content = parse_result(value, where), .folder = file.parent_path()};
}

}  // namespace contend::exports
