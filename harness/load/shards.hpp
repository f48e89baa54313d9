// The threads of a run: each drives its share of the sessions.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "engines/stop.hpp"
#include "harness/load/clients.hpp"
#include "harness/load/recording/recorder.hpp"
#include "harness/load/run_spec.hpp"
#include "harness/machine/self_check.hpp"

namespace contend::load {

class Timekeeper;

class Shards {
 public:
  /// Sets up all sessions. Throws std::invalid_argument where the parameters don't fit together.
  Shards(const RunSpec& spec, Agenda& agenda);
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  /// Waits for the threads.
  ~Shards();

  /// Starts the threads. They end at `end`, or when their sessions have, of which the timekeeper is
  /// told when all have.
  void start(TimePoint end, Timekeeper& timekeeper);
  /// Makes them end soon.
  void stop() noexcept { stop_.request(); }
  /// Waits for all. Throws what one of them has thrown.
  void join();

  /// What the threads do until now is not in `most`.
  void discard();

  const std::vector<std::unique_ptr<RunRecorder>>& recorders() const { return recorders_; }
  /// Of the thread that ran most, and of the one that waited most; when all have ended.
  ThreadReading most() const;

 private:
  struct Shard {
    std::unique_ptr<Clients> clients{};
    std::vector<std::unique_ptr<Session>> sessions;
    std::jthread thread;
    std::atomic<pid_t> number{0};  // of the thread; 0: not running yet
    ThreadReading discarded{}, used{};
    std::exception_ptr failure{};
  };
  void drive(Shard& shard, TimePoint end) noexcept;

  const RunSpec& spec_;
  std::atomic<std::uint64_t> sequence_;  // of the requests that have a number
  std::vector<std::unique_ptr<RunRecorder>> recorders_;
  std::vector<Shard> shards_;
  std::atomic<std::size_t> running_{0};
  StopSource stop_;
};

}  // namespace contend::load
