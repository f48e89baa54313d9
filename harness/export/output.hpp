// Where an export goes: into a file that is replaced whole, or to the end of one. It knows nothing
// of formats.
//   write_file("junit.xml", text)
#pragma once

#include <filesystem>
#include <string_view>

namespace contend::exports {

/// Atomically: whoever reads sees the old content or the new one, whatever ends this. What is no
/// regular file, such as a pipe, is written to as it is. Throws std::system_error that names it.
void write_file(const std::filesystem::path& path, std::string_view text);

/// To the end of a file, which is made where there is none. Throws likewise.
void append_file(const std::filesystem::path& path, std::string_view text);

}  // namespace contend::exports
