// Strict reading of a JSON object.
#include "harness/base/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/base/text.hpp"
#include "workloads/json_text.hpp"

namespace contend {

using nlohmann::json;

Fields::Fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object_.is_object())
    throw std::invalid_argument(fmt::format("{}: must be an object, not {}", where_,
                                            quote_for_display(json_text(object_))));
}

bool Fields::has(std::string_view name) {
  asked_.emplace(name);
  return object_.contains(name);
}

bool Fields::null(std::string_view name) {
  return at(name).is_null();
}

std::int64_t Fields::integer(std::string_view name, std::int64_t minimum, std::int64_t maximum) {
  const json& value = at(name);
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
  if (!fits) refuse(name, "must be an integer, not " + quote_for_display(json_text(value)));
  const auto number = value.get<std::int64_t>();
  if (number < minimum || number > maximum)
    refuse(name, maximum == INT64_MAX
                     ? fmt::format("must be at least {}, not {}", minimum, number)
                     : fmt::format("must be from {} to {}, not {}", minimum, maximum, number));
  return number;
}

double Fields::number(std::string_view name) {
  const json& value = at(name);
  if (!value.is_number())
    refuse(name, "must be a number, not " + quote_for_display(json_text(value)));
  return value.get<double>();
}

bool Fields::boolean(std::string_view name) {
  const json& value = at(name);
  if (!value.is_boolean())
    refuse(name, "must be true or false, not " + quote_for_display(json_text(value)));
  return value.get<bool>();
}

std::string Fields::string(std::string_view name) {
  const json& value = at(name);
  if (!value.is_string())
    refuse(name, "must be a string, not " + quote_for_display(json_text(value)));
  return value.get<std::string>();
}

const json& Fields::array(std::string_view name) {
  const json& value = at(name);
  if (!value.is_array())
    refuse(name, "must be an array, not " + quote_for_display(json_text(value)));
  return value;
}

const json& Fields::object(std::string_view name) {
  const json& value = at(name);
  if (!value.is_object())
    refuse(name, "must be an object, not " + quote_for_display(json_text(value)));
  return value;
}

std::string Fields::choice(std::string_view name, std::initializer_list<std::string_view> known) {
  std::string value = string(name);
  if (std::ranges::find(known, value) == known.end())
    refuse(name, fmt::format("must be one of {}, not {}", fmt::join(known, ", "),
                             quote_for_display(value)));
  return value;
}

std::optional<std::int64_t> Fields::nullable_integer(std::string_view name) {
  return null(name) ? std::nullopt : std::optional(integer(name));
}

std::optional<double> Fields::nullable_number(std::string_view name) {
  return null(name) ? std::nullopt : std::optional(number(name));
}

std::optional<std::string> Fields::nullable_string(std::string_view name) {
  return null(name) ? std::nullopt : std::optional(string(name));
}

std::int64_t Fields::integer_or(std::string_view name, std::int64_t fallback, std::int64_t minimum,
                                std::int64_t maximum) {
  return has(name) ? integer(name, minimum, maximum) : fallback;
}

std::string Fields::string_or(std::string_view name, std::string_view fallback) {
  return has(name) ? string(name) : std::string(fallback);
}

bool Fields::boolean_or(std::string_view name, bool fallback) {
  return has(name) ? boolean(name) : fallback;
}

std::vector<std::string> Fields::strings(std::string_view name) {
  std::vector<std::string> strings;
  each(name, [&](const json& element, const std::string& where) {
    if (!element.is_string()) throw std::invalid_argument(where + ": must be a string");
    strings.push_back(element.get<std::string>());
  });
  return strings;
}

void Fields::each(std::string_view name,
                  const std::function<void(const json& element, const std::string& where)>& read) {
  std::size_t index = 0;
  for (const json& element : array(name)) read(element, fmt::format("{}[{}]", path(name), index++));
}

void Fields::finish() const {
  for (const auto& [name, value] : object_.items())
    if (!asked_.contains(name))
      throw std::invalid_argument(fmt::format("{}: no field {} here; there are {}", where_,
                                              quote_for_display(name), fmt::join(asked_, ", ")));
}

void Fields::refuse(std::string_view name, std::string_view why) const {
  throw std::invalid_argument(fmt::format("{}: {}", path(name), why));
}

std::string Fields::path(std::string_view name) const {
  // The first dot follows a file's name, which ends in a colon: `suite.json: cells[0].window_ms`.
  const bool within = where_.find(": ") != std::string::npos;
  return fmt::format("{}{}{}", where_, within ? "." : ": ", name);
}

const json& Fields::at(std::string_view name) {
  asked_.emplace(name);
  const auto found = object_.find(name);
  if (found == object_.end()) refuse(name, "is missing");
  return *found;
}

json parse_json(std::string_view text, const std::string& where) {
  using Event = json::parse_event_t;
  const auto check_depth = [&](int depth, Event event, const json&) {
    if (depth >= max_json_depth && (event == Event::object_start || event == Event::array_start))
      throw std::invalid_argument(fmt::format(
          "{}: is nested deeper than {} levels; make it flatter", where, max_json_depth));
    return true;
  };
  try {
    return json::parse(text, check_depth);
  } catch (const json::parse_error& error) {
    throw std::invalid_argument(fmt::format("{}: not JSON at byte {}: {}", where, error.byte,
                                            quote_for_display(error.what(), 200)));
  } catch (const json::out_of_range& error) {  // of a number such as 1e999
    throw std::invalid_argument(fmt::format("{}: {}", where, quote_for_display(error.what(), 200)));
  }
}

std::string quote_for_display(std::string_view text, std::size_t longest) {
  return fmt::format("'{}{}'", terminal_text(text.substr(0, longest)),
                     text.size() > longest ? "..." : "");
}

}  // namespace contend
