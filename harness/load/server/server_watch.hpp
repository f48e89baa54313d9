// What the server under load costs meanwhile: CPU, context switches and memory of its process tree.
// It only reads; started_server.hpp starts and ends a server.
//   ServerWatch watch(pid);  ...  watch.read();  ...  text(watch.use());
#pragma once

#include <sched.h>

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engines/net.hpp"
#include "harness/machine/self_check.hpp"
#include "harness/process/process_tree.hpp"

namespace contend::load {

/// What a server's process tree used from the first reading to the last one.
struct ServerUse {
  pid_t pid = 0;  ///< The root of the tree.
  /// `wall` is the time between the two. Switches are null, too, where threads came and went.
  TreeUsage usage{};
  std::uint64_t answered = 0;  ///< Right answers in that time, which whoever counts them fills in.
  /// As TreeMemory::bytes. The most of readings once a second; where one takes long (see read), of
  /// those at the beginning and the end.
  std::uint64_t memory_peak_bytes = 0;
  std::uint64_t memory_end_bytes = 0;    ///< Of the last reading.
  double cpu_share = 0;                  ///< Signals::server_cpu_share
  std::optional<double> waited_share{};  ///< Signals::server_waited_share
  /// So long after the first reading its root was found to have ended; null: it lives.
  std::optional<Duration> ended{};
};

/// Used by one thread.
class ServerWatch {
 public:
  /// Reads for the first time. Throws std::invalid_argument where there is no process `root` to be
  /// read, or its tree holds this one.
  explicit ServerWatch(pid_t root);

  /// The CPU time since the last reading; null when the root has ended, and what was read until
  /// then stays. Reads memory, too, unless that has taken long enough to be noticed in a window.
  std::optional<std::chrono::nanoseconds> read();

  /// What there was until the last reading. Reads memory once more.
  ServerUse use();

 private:
  /// A thread that lives, and what it had used when it was first seen.
  struct Thread {
    pid_t id = 0;
    ThreadReading begin{};
  };

  bool has_ended();
  void note_threads(const TreeReading& reading, bool is_first);
  void note_memory();
  double cpu_share(const TreeUsage& usage) const;

  pid_t root_;
  Fd process_;
  TreeReading first_, last_;
  std::vector<Thread> threads_;             // ordered by id
  std::chrono::nanoseconds threads_ran_{};  // all of them, since they were first seen
  ThreadReading busiest_{};     // of the thread that ran most, and of the one that waited most
  bool knows_threads_ = false;  // the kernel tells what they ran and waited
  std::size_t max_threads_ = 0;
  cpu_set_t cpus_{};  // that any of the threads may run on
  std::uint64_t memory_peak_bytes_ = 0, memory_end_bytes_ = 0;
  Duration memory_took_{};
  std::optional<TimePoint> ended_;
};

/// One line: CPU by answer, context switches by answer, memory, and when it ended, if it did.
std::string text(const ServerUse& use);
/// `server` in results/schema.json.
nlohmann::json to_json(const ServerUse& use);

}  // namespace contend::load
