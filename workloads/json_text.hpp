// How JSON is written: as text, by one function, so that nothing that was measured is lost to a
// name that is not UTF-8.
//   std::puts(json_text({{"port", 8080}}).c_str());
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace contend {

/// Returns `value` as text, on one line or, with an `indent`, on several. Text that is not UTF-8,
/// such as the name of a file may be, gets U+FFFD for each byte that does not belong. It does not
/// throw; nlohmann's own dump does.
template <typename Json>
std::string json_text(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace contend
