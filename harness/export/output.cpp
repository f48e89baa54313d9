// Where an export goes.
#include "harness/export/output.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "engines/net.hpp"
#include "harness/base/files.hpp"

namespace contend::exports {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

Fd opened(const fs::path& path, int flags) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644));
  if (!fd) fail(path);
  return fd;
}

}  // namespace

void write_file(const fs::path& path, std::string_view text) {
  if (fs::exists(path) && !fs::is_regular_file(path))
    return write_all(opened(path, 0).get(), text, path);
  // A link stays, and what it leads to is replaced.
  replace_file(fs::exists(path) ? fs::canonical(path) : path, text);
}

void append_file(const fs::path& path, std::string_view text) {
  write_all(opened(path, O_APPEND).get(), text, path);
}

}  // namespace contend::exports
