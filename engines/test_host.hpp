// For tests: a contend-engine process on a leash, and what /proc says of it. Not for measuring.
//   TestHost host({"serve", "epoll", "echo"});  host.port();  ...  host.stop();
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engines/engine.hpp"

namespace contend::test {

using namespace std::chrono_literals;

/// How much more time and memory things may take here: sanitizers are slow and big.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int sanitizer_factor = 5;
#else
inline constexpr int sanitizer_factor = 1;
#endif

/// The thread sanitizer's runtime may hold a signal for the program's next call, and now and then
/// lets it wait in epoll_wait(2) all the same (in 37 of 1,800 runs): another one gets through.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool keeps_signals_back = true;
#else
inline constexpr bool keeps_signals_back = false;
#endif

/// How long to wait for what must happen before it is said not to happen. Long, since it costs time
/// only in a test that fails, and a loaded machine is no failure.
inline constexpr Duration patience = 10s * sanitizer_factor;

/// Looks again and again until `condition` holds. False: it did not within that time.
template <typename Condition>
bool eventually(Condition condition, Duration within = patience) {
  for (const TimePoint deadline = Clock::now() + within; !condition();) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

/// The letter of proc(5) for a process's state, or 'X' if there is no such process.
inline char state_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(stat, line)) return 'X';
  return line.at(line.rfind(')') + 2);
}

/// A process that is gone, or ended and not reaped yet, does not live.
inline bool lives(pid_t pid) {
  const char state = state_of(pid);
  return state != 'X' && state != 'Z';
}

/// Whether a process has a handler for that signal yet.
inline bool catches(pid_t pid, int signal) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("SigCgt:"))
      return ((std::stoull(line.substr(7), nullptr, 16) >> (signal - 1)) & 1) != 0;
  return false;
}

/// A process and all that descend from it.
inline std::vector<pid_t> process_tree(pid_t root) {
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    std::error_code gone;  // processes and threads come and go while we look
    const std::string tasks = "/proc/" + std::to_string(tree[i]) + "/task";
    for (auto task = std::filesystem::directory_iterator(tasks, gone);
         !gone && task != std::filesystem::directory_iterator(); task.increment(gone)) {
      std::ifstream children(task->path() / "children");
      for (pid_t child; children >> child;) tree.push_back(child);
    }
  }
  return tree;
}

/// Stops a process and its descendants (SIGSTOP) until this object is destroyed, so that all that
/// happens meanwhile reaches them at once.
class Paused {
 public:
  explicit Paused(pid_t root) : pids_(process_tree(root)) {
    for (const pid_t pid : pids_) kill(pid, SIGSTOP);
    for (const pid_t pid : pids_) eventually([pid] { return state_of(pid) == 'T' || !lives(pid); });
  }
  Paused(const Paused&) = delete;
  Paused& operator=(const Paused&) = delete;
  ~Paused() {
    for (const pid_t pid : pids_) kill(pid, SIGCONT);
  }

 private:
  std::vector<pid_t> pids_;
};

/// Open descriptors of one process.
inline std::size_t descriptors_of(pid_t pid) {
  std::error_code gone;
  std::size_t count = 0;
  for (auto fd = std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone);
       !gone && fd != std::filesystem::directory_iterator(); fd.increment(gone))
    ++count;
  return count;
}

/// What a process may have; 0: as much as this one.
struct HostLimits {
  rlim_t descriptors = 0;
  rlim_t memory_bytes = 0;           ///< Of address space.
  std::vector<std::string> under{};  ///< A program that starts the host, and its arguments.
};

class TestHost {
 public:
  /// Starts `contend-engine arguments...`.
  explicit TestHost(const std::vector<std::string>& arguments, const HostLimits& limits = {}) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
    output_ = Fd{ends[0]};
    Fd write_end{ends[1]};
    std::vector<char*> argv;
    for (const std::string& argument : limits.under)
      argv.push_back(const_cast<char*>(argument.data()));
    argv.push_back(const_cast<char*>(CONTEND_ENGINE_BINARY));
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.data()));
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ < 0) throw_errno("fork");
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing is left when a test crashes
    dup2(write_end.get(), STDOUT_FILENO);
    const auto set = [](auto resource, rlim_t most) {
      const rlimit limit{most, most};
      if (most > 0) setrlimit(resource, &limit);
    };
    set(RLIMIT_NOFILE, limits.descriptors);
    set(RLIMIT_AS, limits.memory_bytes);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;
  ~TestHost() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }

  /// The next line, parsed. Throws when none comes in time, or it is no JSON.
  nlohmann::json read_line() {
    for (const TimePoint deadline = Clock::now() + patience;;) {
      if (const std::size_t end = read_.find('\n'); end != std::string::npos) {
        const std::string line = read_.substr(0, end);
        read_.erase(0, end + 1);
        return nlohmann::json::parse(line);
      }
      if (!read_some(deadline)) throw std::runtime_error("contend-engine said no more");
    }
  }
  /// Of a host that serves on a TCP socket. Reads the line that says so on the first call.
  std::uint16_t port() {
    if (port_ == 0) port_ = read_line().at("listening").get<std::uint16_t>();
    return port_;
  }
  void signal(int number) {
    signalled_ = number;
    kill(pid_, number);
  }

  struct End {
    int status = -1;            ///< The exit code, or 128 + the signal that killed it.
    Duration took{};            ///< Since the wait began.
    nlohmann::json report{};    ///< Null: there was none.
    std::vector<pid_t> left{};  ///< What descended from it and lives on.
  };
  End stop() {
    const std::vector<pid_t> before = process_tree(pid_);
    signal(SIGTERM);
    return wait(before);
  }
  /// Waits for its end. Throws when it doesn't end.
  End wait() { return wait(process_tree(pid_)); }

  /// Of the whole tree.
  std::size_t descriptors() const {
    std::size_t sum = 0;
    for (const pid_t pid : process_tree(pid_)) sum += descriptors_of(pid);
    return sum;
  }
  std::int64_t rss_bytes() const {
    std::int64_t sum = 0;
    for (const pid_t pid : process_tree(pid_)) {
      std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
      std::int64_t size = 0, resident = 0;
      if (statm >> size >> resident) sum += resident * sysconf(_SC_PAGESIZE);
    }
    return sum;
  }
  /// In steps of a clock tick, 10 ms.
  Duration cpu_time() const {
    std::int64_t ticks = 0;
    for (const pid_t pid : process_tree(pid_)) {
      std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
      std::string line;
      if (!std::getline(stat, line)) continue;
      std::istringstream fields(line.substr(line.rfind(')') + 2));  // from the third on, proc(5)
      std::string skipped;
      for (int field = 3; field < 14; ++field) fields >> skipped;
      std::int64_t user = 0, system = 0;
      if (fields >> user >> system) ticks += user + system;
    }
    return ticks * 1s / sysconf(_SC_CLK_TCK);
  }

 private:
  End wait(const std::vector<pid_t>& before) {
    const TimePoint began = Clock::now();
    int status = 0;
    TimePoint told = began;
    const auto ended = [&] {
      if (keeps_signals_back && signalled_ != 0 && Clock::now() - told > 200ms) {
        kill(pid_, signalled_);
        told = Clock::now();
      }
      while (read_some(Clock::now())) {  // a full pipe would hold it up
      }
      return waitpid(pid_, &status, WNOHANG) == pid_;
    };
    if (!eventually(ended)) throw std::runtime_error("contend-engine does not end");
    End end{.took = Clock::now() - began};
    pid_ = -1;
    end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    for (const pid_t pid : before)
      if (lives(pid)) end.left.push_back(pid);
    while (read_some(Clock::now())) {
    }
    for (std::istringstream lines(read_); std::getline(lines, read_);)
      if (const auto line = nlohmann::json::parse(read_); line.contains("report"))
        end.report = line["report"];
    return end;
  }
  /// False at the end of the output, or when nothing came until then.
  bool read_some(TimePoint deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ready{.fd = output_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, std::max(0, static_cast<int>(left.count()))) <= 0) return false;
    char buffer[4096];
    const ssize_t count = read(output_.get(), buffer, sizeof buffer);
    if (count > 0) read_.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

  pid_t pid_ = -1;
  int signalled_ = 0;  ///< The newest signal that was sent, 0 for none.
  Fd output_;
  std::string read_;
  std::uint16_t port_ = 0;
};

}  // namespace contend::test
