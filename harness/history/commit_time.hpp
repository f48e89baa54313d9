// The time of a commit, as people and git write it, in the one form that results have (RFC 3339,
// UTC). It knows no time zones by name, and no leap seconds.
//   utc_time("2026-11-26T09:15:00+01:00", "--time")   is "2026-11-26T08:15:00Z"
#pragma once

#include <string>
#include <string_view>

namespace contend::history {

/// `text` is YYYY-MM-DDTHH:MM:SS, perhaps with up to nine decimals, and Z or an offset such as
/// +01:00 (git's %cI is this). Decimals are kept. Throws std::invalid_argument that names `where`.
std::string utc_time(std::string_view text, std::string_view where);

}  // namespace contend::history
