// The server that a run of load starts for itself, and ends. What it costs is server_watch.hpp's.
//   StartedServer server("nginx -g 'daemon off;'", target); server.await_answer(spec, {}, 30s);
#pragma once

#include <optional>
#include <string>

#include "harness/load/run.hpp"
#include "harness/load/server/output_tail.hpp"
#include "harness/process/child.hpp"

namespace contend::load {

/// Owns a process group of its own, which is gone when this is, and also when this process is
/// killed (Guard). One a process.
class StartedServer {
 public:
  /// `command` is for sh -c: a single command takes the shell's place. The end of what it prints is
  /// kept (OutputTail), to explain why it ended. Throws std::invalid_argument where somebody
  /// accepts connections at `target` already, std::system_error where nothing can be started.
  StartedServer(const std::string& command, const Endpoint& target, StopToken interrupted = {});
  StartedServer(const StartedServer&) = delete;
  StartedServer& operator=(const StartedServer&) = delete;
  /// SIGTERM to the whole group; SIGKILL to what is left of it after `patience_with_the_end` or,
  /// once `interrupted` is requested, after `hurried_patience`.
  ~StartedServer();

  /// Returns when it has given one right answer to the spec's request. A line on standard error
  /// says after two seconds that it is waited for. Throws std::runtime_error with its last words
  /// when it ends before, or when none came in time, and Interrupted when `stop` was requested.
  void await_answer(const RunSpec& spec, const StopToken& stop, Duration patience);

  /// The root of its process tree.
  pid_t pid() const { return child_->pid(); }
  /// "exit code 1: its last words", when it has ended; null while it lives.
  std::optional<std::string> ending();

  static constexpr Duration patience_with_the_end = std::chrono::seconds(5),
                            hurried_patience = std::chrono::milliseconds(300);

 private:
  void end();

  Guard guard_;
  StopToken interrupted_;
  OutputTail output_;
  std::optional<Child> child_;
  std::optional<Ending> ending_;
};

}  // namespace contend::load
