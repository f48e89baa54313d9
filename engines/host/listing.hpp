// What `contend-engine list` prints.
#pragma once

#include <nlohmann/json.hpp>

namespace contend {

/// Every engine and every workload of this program.
nlohmann::json listing();

}  // namespace contend
