// Files as a whole.
#include "harness/base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "engines/net.hpp"

namespace contend {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t read_size = 64 << 10;

[[noreturn]] void fail_on(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

[[noreturn]] void refuse_to_read(const fs::path& path, std::string_view why) {
  throw std::invalid_argument(fmt::format("can't read {}: {}", path.string(), why));
}

/// Whether it may be read though it is no regular file: a descriptor of this process, which
/// somebody has opened for it, or /dev/null, which ends at once.
bool is_read_anyway(const fs::path& path) {
  const fs::path folder = path.parent_path();
  return path == "/dev/stdin" || path == "/dev/null" || folder == "/dev/fd" ||
         folder == "/proc/self/fd";
}

Fd open_to_read(const fs::path& path) {
  const bool anyway = is_read_anyway(path);
  // Without O_NONBLOCK, a FIFO that has no writer would keep us here (open(2)).
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | (anyway ? 0 : O_NONBLOCK)));
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0) refuse_to_read(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode) && !anyway)
    refuse_to_read(path, S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file");
  return fd;
}

fs::path temporary_name(const fs::path& file) {
  return file.parent_path() / fmt::format(".{}.new", file.filename().string());
}

bool is_named(int fd, const fs::path& path) {
  struct stat opened {
  }, named{};
  return fstat(fd, &opened) == 0 && lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// Opens the file with this temporary name and locks it, so that it belongs to this process until
/// it is closed, even if a process that was killed has left it there.
Fd open_alone(const fs::path& path, const fs::path& in_errors) {
  for (;;) {
    Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644));
    if (!fd) fail_on(in_errors);
    while (flock(fd.get(), LOCK_EX) != 0)
      if (errno != EINTR) fail_on(in_errors);
    // Between the two calls, the process that had it may have given it its last name.
    if (!is_named(fd.get(), path)) continue;
    if (ftruncate(fd.get(), 0) != 0) fail_on(in_errors);
    return fd;
  }
}

}  // namespace

std::string content_of(const fs::path& path, std::size_t longest) {
  const Fd fd = open_to_read(path);
  std::string content;
  std::array<char, read_size> piece;
  for (;;) {
    const ssize_t size = read(fd.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) refuse_to_read(path, std::strerror(errno));
    if (size == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(size));
    if (content.size() > longest)
      refuse_to_read(path, fmt::format("it is longer than {} KiB", longest >> 10));
  }
}

void write_all(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t size = write(fd, text.data(), text.size());
    if (size < 0 && errno != EINTR) fail_on(path);
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
}

void replace_file(const fs::path& file, std::string_view text) {
  const fs::path next = temporary_name(file);
  const fs::path in_errors = fmt::format("{}, as {}", file.string(), next.filename().string());
  const Fd fd = open_alone(next, in_errors);
  try {
    write_all(fd.get(), text, in_errors);
    if (fsync(fd.get()) != 0) fail_on(in_errors);
    fs::rename(next, file);
    sync_folder(file.has_parent_path() ? file.parent_path() : fs::path("."));
  } catch (const std::system_error&) {
    std::error_code ignored;
    fs::remove(next, ignored);
    throw;
  }
}

void replace_link(const fs::path& link, const fs::path& target) {
  const fs::path next = temporary_name(link);
  std::error_code problem;
  do {
    fs::remove(next);
    fs::create_symlink(target, next, problem);
  } while (problem == std::errc::file_exists);
  if (!problem) fs::rename(next, link, problem);
  // If another process does the same just now, either may put the other's link in its place.
  if (!problem || problem == std::errc::no_such_file_or_directory) return;
  std::error_code ignored;
  fs::remove(next, ignored);
  throw fs::filesystem_error("can't link to " + target.string(), link, problem);
}

void sync_folder(const fs::path& folder) {
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) fail_on(folder);
}

}  // namespace contend
