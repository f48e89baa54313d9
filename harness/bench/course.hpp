// The course: what each of its items compares, what is expected of it, and what was measured. Data
// (workloads/course.json) says all that names an engine; the suite of the same name has the cells.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/bench/result.hpp"

namespace contend {

/// One of the two numbers of a claim.
struct Operand {
  std::string cell;                   ///< Its id.
  std::optional<std::uint64_t> lane;  ///< When this span finished, instead of the metric.
};

/// What the course says, as a ratio of two medians with room for noise.
struct Claim {
  std::string says;
  std::string metric = "wall_ns";
  Operand of, per;
  std::optional<double> at_least, at_most;
  unsigned cpus = 1;  ///< With fewer there is nothing to be seen.
};

struct CourseItem {
  std::string name, title, expected;
  std::vector<std::string> scenarios;  ///< Ids of cells, without their engine.
  std::vector<Claim> claims;
};

struct Course {
  std::string suite;
  /// Engines that do the same, ours first: the columns that compare the two languages.
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<CourseItem> items;
};

/// Strict. Throws std::invalid_argument that names `where` and the field.
Course parse_course(const nlohmann::json& json, const std::string& where);
/// workloads/course.json, found as suites are. Throws std::invalid_argument.
Course load_course();
/// Leaves only the items of these names, and adds their scenarios to the selection. None: all.
/// Throws std::invalid_argument that names the known ones.
void select_items(Course& course, const std::vector<std::string>& names, Selection& selection);

struct Verdict {
  enum class Kind : std::uint8_t { holds, fails, not_measured };
  Kind kind = Kind::not_measured;
  std::optional<double> ratio;  ///< Absent where one of the two was not measured.
  std::string reason;           ///< Why it is not measured.
};
std::string_view to_string(Verdict::Kind kind);

/// Medians of all good samples; a cell that was skipped or failed is not measured.
Verdict judge(const Claim& claim, const Result& result);
bool any_claim_fails(const Course& course, const Result& result);

/// A cell of an item, with what it is compared to.
struct CourseRow {
  const CellResult* cell;
  std::string scenario;
  std::optional<double> of_first;    ///< The scenario's first engine's median per this one's.
  std::optional<double> of_partner;  ///< The same of its partner in the other language.
  std::string partner;               ///< Empty: it has none, or that was not measured.
};
std::vector<CourseRow> rows_of(const CourseItem& item, const Course& course, const Result& result);
/// The metric that is compared: time where the work has an end, or throughput.
std::string compared_metric(const Cell& cell);

/// For people.
std::string course_text(const Course& course, const Result& result);
std::string course_markdown(const Course& course, const Result& result);
nlohmann::json course_json(const Course& course, const Result& result);

}  // namespace contend
