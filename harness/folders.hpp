// Where the folders that come with contend are found, whatever the current folder is: suites,
// outside engines. It looks into none of them.
#pragma once

#include <filesystem>
#include <vector>

namespace contend {

/// Those that are called `within` (relative): under the current folder, then under those above the
/// program's, the nearest first. What lies in an earlier one comes before what lies in a later one.
std::vector<std::filesystem::path> folders_called(const std::filesystem::path& within);

}  // namespace contend
