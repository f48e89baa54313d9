// Where the folders that come with contend are found.
#include "harness/base/folders.hpp"

#include <system_error>

namespace contend {
namespace {

namespace fs = std::filesystem;

/// Whether everybody may put something of their own in there: the sticky bit says that it is meant
/// so (inode(7)).
bool is_shared(const fs::path& folder) {
  std::error_code ignored;
  constexpr fs::perms shared = fs::perms::others_write | fs::perms::sticky_bit;
  return (fs::status(folder, ignored).permissions() & shared) == shared;
}

}  // namespace

std::vector<fs::path> folders_called(const fs::path& within) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (fs::path above = fs::read_symlink("/proc/self/exe", ignored).parent_path();
       above.has_relative_path(); above = above.parent_path())
    if (!is_shared(above) && fs::is_directory(above / within, ignored))
      folders.push_back(above / within);
  return folders;
}

}  // namespace contend
