// Process trees through /proc.
#include "harness/process/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engines/net.hpp"

namespace contend {
namespace {

constexpr std::uint64_t min_ticks_for_a_split = 10;

/// A small file of /proc, which a single read returns whole up to the buffer's size.
class ProcFile {
 public:
  /// Null-terminated path. Empty when it is gone or may not be read.
  std::string_view read(int directory, const char* path) {
    const Fd file{openat(directory, path, O_RDONLY | O_CLOEXEC)};
    if (!file) return {};
    std::size_t filled = 0;
    while (filled < size) {
      const ssize_t got = ::read(file.get(), &buffer_[filled], size - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return {buffer_.get(), filled};
  }

 private:
  static constexpr std::size_t size = 128 * 1024;  // 16,384 children of one thread
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(size);
};

std::uint64_t number_in(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  std::uint64_t value = 0;
  if (start != std::string_view::npos)
    std::from_chars(text.data() + start, text.data() + text.size(), value);
  return value;
}

/// The number after `label` at the start of a line, or 0.
std::uint64_t number_after(std::string_view text, std::string_view label) {
  const std::size_t found = text.find(label);
  return found == std::string_view::npos ? 0 : number_in(text.substr(found + label.size()));
}

/// The whitespace-separated field of /proc/PID/stat, numbered from 1 as in proc_pid_stat(5); only
/// those behind the name, which is in brackets and may hold anything.
std::uint64_t stat_field(std::string_view stat, int number) {
  std::size_t position = stat.rfind(')');
  for (int field = 3; position != std::string_view::npos; ++field) {
    position = stat.find(' ', position);
    if (position == std::string_view::npos) break;
    ++position;
    if (field == number) return number_in(stat.substr(position));
  }
  return 0;
}

using Directory = std::unique_ptr<DIR, decltype([](DIR* open) { closedir(open); })>;

Directory directory_at(int parent, const char* path) {
  Fd fd{openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd) return nullptr;
  Directory directory{fdopendir(fd.get())};
  if (directory) fd.release();
  return directory;
}

/// Calls `visit(id, name)` for each entry that is a number.
template <typename Visit>
void each_number(const Directory& directory, Visit visit) {
  while (const dirent* entry = readdir(directory.get())) {
    pid_t id = 0;
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, id).ptr == end) visit(id, entry->d_name);
  }
}

/// Walks a process tree, parents before children.
class Walk {
 public:
  Walk() : proc_(directory_at(AT_FDCWD, "/proc")) {
    if (!proc_) throw_errno("/proc");
    lists_children_ = faccessat(AT_FDCWD, "/proc/thread-self/children", R_OK, 0) == 0;
    if (!lists_children_) note_all_parents();
  }

  /// Calls `process(pid, directory)` for each process, and `thread(tid, directory, name)` for each
  /// of its threads, where the directories are those of the process and of its tasks.
  template <typename Process, typename Thread>
  void go(pid_t root, Process process, Thread thread) {
    std::vector<pid_t> found{root};
    for (std::size_t next = 0; next < found.size(); ++next) {
      const pid_t pid = found[next];
      const Directory directory = directory_at(dirfd(proc_.get()), fmt::format("{}", pid).c_str());
      if (!directory || !process(pid, dirfd(directory.get()))) continue;
      const Directory tasks = directory_at(dirfd(directory.get()), "task");
      if (!tasks) continue;
      const auto first_child = static_cast<std::ptrdiff_t>(found.size());
      each_number(tasks, [&](pid_t tid, const char* name) {
        thread(tid, dirfd(tasks.get()), name);
        if (lists_children_) add_children(dirfd(tasks.get()), name, found);
      });
      for (const auto& [parent, child] : parents_)
        if (parent == pid) found.push_back(child);
      // When a thread ends, its children move to another one, and may be met there again.
      std::sort(found.begin() + first_child, found.end());
      found.erase(std::unique(found.begin() + first_child, found.end()), found.end());
    }
  }

 private:
  /// The list is "PID PID PID ".
  void add_children(int tasks, const char* name, std::vector<pid_t>& found) {
    path_ = name;
    path_ += "/children";
    std::string_view list = file_.read(tasks, path_.c_str());
    for (std::size_t space; (space = list.find(' ')) != std::string_view::npos;) {
      found.push_back(static_cast<pid_t>(number_in(list.substr(0, space))));
      list.remove_prefix(space + 1);
    }
  }

  /// Kernels without CONFIG_PROC_CHILDREN: ask every process for its parent.
  void note_all_parents() {
    each_number(proc_, [&](pid_t pid, const char* name) {
      path_ = name;
      path_ += "/stat";
      constexpr int ppid = 4;
      const std::string_view stat = file_.read(dirfd(proc_.get()), path_.c_str());
      parents_.emplace_back(static_cast<pid_t>(stat_field(stat, ppid)), pid);
    });
  }

  Directory proc_;
  ProcFile file_;
  std::string path_;
  bool lists_children_ = false;
  std::vector<std::pair<pid_t, pid_t>> parents_;  // parent, child; only where it must be
};

std::chrono::nanoseconds cpu_clock_of(pid_t pid) {
  clockid_t clock{};
  timespec now{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &now) != 0) return {};
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::uint64_t growth(std::uint64_t earlier, std::uint64_t later) {
  return later > earlier ? later - earlier : 0;
}

}  // namespace

TreeReading read_tree(pid_t root, bool with_switches) {
  static const auto ticks_per_s = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  TreeReading reading{.at = Clock::now()};
  ProcFile file;
  std::string path;
  Walk().go(
      root,
      [&](pid_t pid, int directory) {
        const std::string_view stat = file.read(directory, "stat");
        if (stat.empty()) return false;
        constexpr int utime = 14, stime = 15, cutime = 16, cstime = 17;
        const std::uint64_t reaped_user = stat_field(stat, cutime);
        const std::uint64_t reaped_system = stat_field(stat, cstime);
        reading.processes += 1;
        reading.user_ticks += stat_field(stat, utime) + reaped_user;
        reading.system_ticks += stat_field(stat, stime) + reaped_system;
        reading.cpu += cpu_clock_of(pid) + std::chrono::nanoseconds((reaped_user + reaped_system) *
                                                                    1'000'000'000 / ticks_per_s);
        return true;
      },
      [&](pid_t tid, int tasks, const char* name) {
        reading.threads.push_back({.id = tid});
        if (!with_switches) return;
        path = name;
        path += "/status";
        const std::string_view status = file.read(tasks, path.c_str());
        reading.threads.back().voluntary_switches =
            number_after(status, "\nvoluntary_ctxt_switches:");
        reading.threads.back().involuntary_switches =
            number_after(status, "\nnonvoluntary_ctxt_switches:");
      });
  std::ranges::sort(reading.threads, {}, &TreeReading::Thread::id);
  return reading;
}

TreeUsage usage_between(const TreeReading& earlier, const TreeReading& later) {
  TreeUsage usage{.wall = later.at - earlier.at};
  usage.cpu = std::max(later.cpu - earlier.cpu, std::chrono::nanoseconds(0));

  std::uint64_t user = growth(earlier.user_ticks, later.user_ticks);
  std::uint64_t system = growth(earlier.system_ticks, later.system_ticks);
  if (user + system < min_ticks_for_a_split) {
    user = later.user_ticks;
    system = later.system_ticks;
  }
  if (user + system > 0) {
    const double share = static_cast<double>(user) / static_cast<double>(user + system);
    usage.user = std::chrono::nanoseconds(
        static_cast<std::int64_t>(static_cast<double>(usage.cpu.count()) * share));
    usage.system = usage.cpu - *usage.user;
  }

  const auto alive = [&](const TreeReading::Thread& thread) {
    return std::ranges::binary_search(later.threads, thread.id, {}, &TreeReading::Thread::id);
  };
  if (!std::ranges::all_of(earlier.threads, alive)) return usage;
  std::uint64_t voluntary = 0, involuntary = 0;
  for (const TreeReading::Thread& thread : later.threads) {
    const auto before =
        std::ranges::lower_bound(earlier.threads, thread.id, {}, &TreeReading::Thread::id);
    const bool known = before != earlier.threads.end() && before->id == thread.id &&
                       before->voluntary_switches <= thread.voluntary_switches;
    voluntary += thread.voluntary_switches - (known ? before->voluntary_switches : 0);
    involuntary += growth(known ? before->involuntary_switches : 0, thread.involuntary_switches);
  }
  usage.voluntary_switches = voluntary;
  usage.involuntary_switches = involuntary;
  return usage;
}

TreeMemory tree_memory(pid_t root) {
  static const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  constexpr std::uint64_t kib = 1024;
  TreeMemory memory;
  ProcFile file;
  Walk().go(
      root,
      [&](pid_t, int directory) {
        const std::string_view rollup = file.read(directory, "smaps_rollup");
        if (rollup.find("\nPss_Anon:") != std::string_view::npos) {
          memory.bytes += number_after(rollup, "\nPss:") * kib;
          memory.without_files_bytes +=
              (number_after(rollup, "\nPss_Anon:") + number_after(rollup, "\nPss_Shmem:")) * kib;
          return true;
        }
        const std::string_view statm = file.read(directory, "statm");
        if (const std::size_t space = statm.find(' '); space != std::string_view::npos) {
          const std::uint64_t resident = number_in(statm.substr(space)) * page_bytes;
          memory.bytes += resident;
          memory.without_files_bytes += resident;
        }
        return !statm.empty();
      },
      [](pid_t, int, const char*) {});
  return memory;
}

}  // namespace contend
