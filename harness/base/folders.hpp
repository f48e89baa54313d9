// Where the folders that come with contend are found, whatever the current folder is: scripts,
// suites, outside engines. It looks into none of them.
#pragma once

#include <filesystem>
#include <vector>

namespace contend {

/// Returns the folders that are called `within` (relative) beside the program and in the folders
/// above it, the nearest first: that is the installation, or the source tree that it was built in.
/// It never looks in the current folder, since what lies there may be anyone's and is run. For the
/// same reason it leaves out shared folders such as /tmp.
std::vector<std::filesystem::path> folders_called(const std::filesystem::path& within);

}  // namespace contend
