// What is exported: the result of a run, or a comparison of two sides, read from where somebody
// named it. It changes nothing there.
//   const Source source = read_source("results/latest"); source.comparison()
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "harness/ab/ab_result.hpp"
#include "harness/bench/result.hpp"

namespace contend::exports {

enum class Side : std::uint8_t { base, head };

struct Source {
  std::string where;  ///< As it was named, for errors.
  std::variant<Result, ab::AbResult> content;
  std::filesystem::path folder{};  ///< Which the file lies in.

  /// Null where it is the other kind.
  const Result* result() const { return std::get_if<Result>(&content); }
  const ab::AbResult* comparison() const { return std::get_if<ab::AbResult>(&content); }

  const std::string& run_id() const;
  const std::string& suite() const;
  const std::string& started_at() const;
  const Machine& machine() const;
  /// What was measured: the head's name, or the revision that a result was built from.
  const std::string& commit() const;
  /// The slices of one side of a comparison, which are a result in a folder beside it. Throws
  /// std::invalid_argument where that is missing, too.
  Result slices(Side side) const;
};

/// `path` is a folder with ab.json or result.json, or such a file, whatever its name. Throws
/// std::invalid_argument that names the file and what is wrong with it.
Source read_source(const std::filesystem::path& path);
/// The same of JSON that was read from `file`.
Source parse_source(const nlohmann::json& json, const std::filesystem::path& file);

}  // namespace contend::exports
