// Leaves no process behind.
#include "harness/process/guard.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <vector>

namespace contend {
namespace {

/// More groups at once are not guarded; the harness never has more than three.
constexpr std::size_t max_groups = 64;

/// The guarding process. It was forked, so it does nothing that allocates.
[[noreturn]] void keep_guard(int pipe) {
  // A session of its own: the terminal's Ctrl-C is for the harness.
  setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "contend-guard");
  dup2(pipe, STDIN_FILENO);
  close_range(1, ~0U, 0);

  std::array<pid_t, max_groups> groups{};
  pid_t told = 0;
  for (;;) {
    const ssize_t size = read(STDIN_FILENO, &told, sizeof told);
    if (size < 0 && errno == EINTR) continue;
    if (size != sizeof told) break;  // the harness is gone
    if (told > 0) {
      if (auto* free = std::ranges::find(groups, 0); free != groups.end()) *free = told;
    } else {
      std::ranges::replace(groups, -told, 0);
    }
  }
  for (const pid_t group : groups)
    if (group > 0) kill(-group, SIGKILL);
  _exit(0);
}

/// The direct children of this process, living or dead (proc(5), /proc/PID/task/TID/children).
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(thread.path() / "children");
    for (pid_t child = 0; file >> child;) found.push_back(child);
  }
  return found;
}

}  // namespace

Guard::Guard() {
  sigpipe_before_ = signal(SIGPIPE, SIG_IGN);  // see tell
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw_errno("becoming a child subreaper");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("a pipe to the guard");
  const Fd reading(ends[0]);
  pipe_.reset(ends[1]);
  process_ = fork();
  if (process_ < 0) throw_errno("fork of the guard");
  if (process_ == 0) keep_guard(reading.get());
}

Guard::~Guard() {
  kill_orphans();
  pipe_.reset();
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  signal(SIGPIPE, sigpipe_before_);
}

void Guard::tell(pid_t group) const noexcept {
  // Four bytes go into a pipe whole or not at all (pipe(7), PIPE_BUF). That the guard is gone is no
  // reason to stop measuring.
  while (write(pipe_.get(), &group, sizeof group) < 0 && errno == EINTR) continue;
}

unsigned Guard::kill_orphans(std::initializer_list<pid_t> spared) const {
  unsigned killed = 0;
  // The orphans' own children become ours when those die, hence again until there are none.
  for (bool found = true; found;) {
    found = false;
    for (const pid_t child : children()) {
      if (child == process_ || std::ranges::find(spared, child) != spared.end()) continue;
      kill(child, SIGKILL);
      while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
      found = true;
      killed += 1;
    }
  }
  return killed;
}

}  // namespace contend
