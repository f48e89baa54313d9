// Strict reading of a JSON object: each field is asked for by name and type, and what nobody asked
// for is an error, so that a misspelt field never passes for a default.
//   Fields fields(json, "suite.json"); name_ = fields.string("name"); fields.finish();
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace contend {

/// Borrows the object. Everything throws std::invalid_argument that names the place, the field, and
/// what it must be.
class Fields {
 public:
  using json = nlohmann::json;

  /// `where` is how errors call this object: a file, or the path within it (`x.json: cells[3]`).
  Fields(const json& object, std::string where);

  bool has(std::string_view name);
  /// Whether the field is null; it must be there.
  bool null(std::string_view name);

  std::int64_t integer(std::string_view name, std::int64_t minimum = INT64_MIN,
                       std::int64_t maximum = INT64_MAX);
  double number(std::string_view name);
  bool boolean(std::string_view name);
  std::string string(std::string_view name);
  const json& array(std::string_view name);
  const json& object(std::string_view name);
  /// One of `known`.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> known);

  /// Of a field that may be null.
  std::optional<std::int64_t> nullable_integer(std::string_view name);
  std::optional<double> nullable_number(std::string_view name);
  std::optional<std::string> nullable_string(std::string_view name);

  /// The same with what holds where the field is absent.
  std::int64_t integer_or(std::string_view name, std::int64_t fallback, std::int64_t minimum,
                          std::int64_t maximum);
  std::string string_or(std::string_view name, std::string_view fallback);
  bool boolean_or(std::string_view name, bool fallback);

  /// An array of nothing but strings.
  std::vector<std::string> strings(std::string_view name);

  /// Calls `read(element, where)` for each element of an array.
  void each(std::string_view name,
            const std::function<void(const json& element, const std::string& where)>& read);

  /// Refuses the fields that nobody asked for.
  void finish() const;
  [[noreturn]] void refuse(std::string_view name, std::string_view why) const;
  std::string path(std::string_view name) const;

 private:
  const json& at(std::string_view name);

  const json& object_;
  std::string where_;
  std::set<std::string, std::less<>> asked_;
};

/// Levels of arrays and objects within each other. What reads or writes JSON calls itself for each,
/// so that a value of 60,000 levels would overflow the stack.
inline constexpr int max_json_depth = 100;
/// Returns the JSON of a file or a line; all that comes from outside is read here. Throws
/// std::invalid_argument that begins with `where` for text that is no JSON, and for JSON that is
/// nested deeper than max_json_depth.
nlohmann::json parse_json(std::string_view text, const std::string& where);
/// Returns the first `longest` bytes of `text` between quotes, as terminal_text writes them.
std::string quote_for_display(std::string_view text, std::size_t longest = 80);

}  // namespace contend
