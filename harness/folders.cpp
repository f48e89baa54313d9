// Where the folders that come with contend are found.
#include "harness/folders.hpp"

#include <system_error>

namespace contend {

namespace fs = std::filesystem;

std::vector<fs::path> folders_called(const fs::path& within) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  if (fs::is_directory(within, ignored)) folders.push_back(within);
  for (fs::path above = fs::read_symlink("/proc/self/exe", ignored).parent_path();
       above.has_relative_path(); above = above.parent_path())
    if (fs::is_directory(above / within, ignored)) folders.push_back(above / within);
  return folders;
}

}  // namespace contend
