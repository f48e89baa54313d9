// A command that the harness started: its lines of JSON, its last words, and its end. It knows
// nothing of engines.
//   Child child(guard, {.arguments = {"contend-engine", "list"}}); child.read(deadline, {}, {});
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engines/net.hpp"
#include "engines/stop.hpp"
#include "harness/process/guard.hpp"

namespace contend {

struct Command {
  std::vector<std::string>
      arguments;                 ///< The program, by path or found in PATH, and its arguments.
  std::vector<unsigned> cpus{};  ///< It may run on these only; empty: on any.
  /// Borrowed until it has started: where its standard output and error go. Negative: to pipes,
  /// which `read` and `stderr_text` read.
  int output = -1;
};

/// How a child ended.
struct Ending {
  enum class Kind : std::uint8_t {
    exited,     ///< `number` is the exit code.
    signalled,  ///< `number` is the signal.
    killed,     ///< By us, since it did not end in time.
  };
  Kind kind = Kind::exited;
  int number = 0;

  bool clean() const { return kind == Kind::exited && number == 0; }
  /// "exit code 3", "signal 11 (Segmentation fault)" ...
  std::string text() const;
};

/// The child did not keep to the protocol: what() is a line that tells how, with its last words.
struct ChildFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The child said that what was asked for is not available on this machine.
struct ChildUnavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The harness itself was told to stop.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

/// Owns the process and its group: the destructor kills and reaps. Not thread-safe.
class Child {
 public:
  /// Longer lines are an error, and nothing that comes after one is kept.
  static constexpr std::size_t max_line_bytes = 64 << 20;
  /// Of standard error, the end is kept.
  static constexpr std::size_t kept_complaint = 4096;

  /// Throws std::system_error that names the program. `guard` must outlive it.
  Child(const Guard& guard, const Command& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }

  /// The next line of its standard output. Meanwhile the pipes of `others` are emptied, so that
  /// none of them gets stuck in a write. Throws ChildFailure when it ends, says something that is
  /// no JSON object, or says nothing until `deadline`; ChildUnavailable when it ends with exit 77;
  /// Interrupted when `stop` was requested.
  nlohmann::json read(TimePoint deadline, std::span<Child* const> others, const StopToken& stop);
  /// The same for a line of anything.
  std::string read_line(TimePoint deadline, std::span<Child* const> others, const StopToken& stop);
  /// All that it says on standard output and nobody has read, up to its end. Throws ChildFailure
  /// when that is not clean, has not come until `deadline`, or is more than `max_line_bytes`; the
  /// rest as `read`.
  std::string read_all(TimePoint deadline, const StopToken& stop);
  /// End of its standard input.
  void close_input() { input_.reset(); }

  /// Whether the process has ended by now; then `ending()` tells how.
  bool has_ended();
  /// Waits for the end, and kills it at `deadline`. Returns at once when it has ended.
  Ending wait(TimePoint deadline);
  /// SIGTERM, then as `wait` until `patience` is over.
  Ending stop(Duration patience);

  /// The last line on standard error so far, safe to show; empty when there is none.
  std::string stderr_text();
  /// Throws what an end before its time means: ChildUnavailable for exit 77, else ChildFailure.
  [[noreturn]] void throw_ended(const std::string& before_what);

 private:
  struct Pipes;
  void start(const Guard& guard, const Command& command, Pipes& pipes);
  [[noreturn]] void fail(const std::string& what);
  bool take_line(std::string& line);
  void drain();
  bool exited_now(int timeout_ms);
  void reap(bool killed_by_us);

  const Guard& guard_;
  std::string program_, name_;
  pid_t pid_ = 0;
  Fd process_, input_, output_, error_;
  std::string buffer_, complaint_;
  std::size_t searched_ = 0;  // the buffer's beginning that is known to hold no line's end
  bool overflowed_ = false, told_to_end_ = false, ended_ = false;
  Ending ending_;
};

}  // namespace contend
