// Files as a whole: reading what somebody named, and replacing what is there. It knows nothing of
// what is in them.
//   const std::string text = content_of("suite.json");   replace_file("result.json", text);
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace contend {

/// Longer files are refused, so that a wrong one does not fill the memory.
inline constexpr std::size_t max_file_bytes = std::size_t{1} << 30;

/// Returns all bytes of a regular file. Of other kinds it reads only /dev/null and what this
/// process was given open, such as /dev/stdin or /dev/fd/63 (`<(command)` in a shell): a FIFO by
/// its name may have no writer, and a device no end. Throws std::invalid_argument with the path and
/// the reason, also if there are more than `longest` bytes.
std::string content_of(const std::filesystem::path& path, std::size_t longest = max_file_bytes);

/// Writes all of `text`. `path` is for the error, which is std::system_error.
void write_all(int fd, std::string_view text, const std::filesystem::path& path);

/// Replaces the file atomically, and it is on the disk when this returns: every reader sees the old
/// one or the new one. What it writes meanwhile is called .NAME.new; if the process is killed, that
/// file stays until the next call for the same file. Throws std::system_error that names the file,
/// and leaves nothing behind.
void replace_file(const std::filesystem::path& file, std::string_view text);

/// Makes the link `link` lead to `target`, atomically, whatever it led to. Throws
/// std::filesystem::filesystem_error, for example if `link` is a folder.
void replace_link(const std::filesystem::path& link, const std::filesystem::path& target);

/// Makes a rename or a new file in the folder last (fsync(2)). Throws std::system_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace contend
