// The threads of a load: each drives its share of the sessions.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "engines/engine.hpp"
#include "harness/load/recording/recorder.hpp"
#include "harness/machine/self_check.hpp"

namespace contend::load {

class Timekeeper;

/// Makes the session of a client; the admission and the recorder must outlive it.
using MakeSession = std::function<std::unique_ptr<Session>(
    std::uint32_t client, Admission& admission, Recorder& recorder)>;

/// What the threads drive, and how.
struct ShardsSpec {
  const Engine& engine;               ///< It can drive.
  std::uint32_t clients = 1;          ///< Number of sessions, at least 1.
  std::uint32_t first_client = 0;     ///< They are numbered from this on.
  std::uint32_t threads = 1;          ///< From 1 to `clients`.
  std::uint32_t pipeline = 1;         ///< Requests in flight of a session, at most.
  std::size_t kinds = 1;              ///< The workload's classes of request.
  DriveOptions drive{};               ///< Without `until` and `stop`.
  std::function<MakeSession()> make;  ///< Called once for each thread.
};

class Shards {
 public:
  /// Sets up all sessions. Throws what `spec.make` and its result throw.
  Shards(const ShardsSpec& spec, RunState& state);
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  /// Waits for the threads.
  ~Shards();

  /// Starts the threads. They end at `end`, or when their sessions have ended. The timekeeper is
  /// told when all threads have ended.
  void start(const Endpoint& endpoint, TimePoint end, Timekeeper& timekeeper);
  /// Makes them end soon.
  void stop() noexcept { stop_.request(); }
  /// Waits for all. Throws what one of them has thrown.
  void join();

  /// What the threads do until now is not in `most`.
  void discard();

  const std::vector<std::unique_ptr<RunAdmission>>& admissions() const { return admissions_; }
  const std::vector<std::unique_ptr<RunRecorder>>& recorders() const { return recorders_; }
  /// Of the thread that ran most, and of the one that waited most; when all have ended.
  ThreadReading most() const;

 private:
  struct Shard {
    MakeSession make{};
    std::vector<std::unique_ptr<Session>> sessions;
    std::jthread thread;
    std::atomic<pid_t> number{0};  // of the thread; 0: not running yet
    ThreadReading discarded{}, used{};
    std::exception_ptr failure{};
  };
  void drive(Shard& shard, const Endpoint& endpoint, DriveOptions options) noexcept;

  const Engine& engine_;
  DriveOptions options_;
  std::vector<std::unique_ptr<RunAdmission>> admissions_;
  std::vector<std::unique_ptr<RunRecorder>> recorders_;
  std::vector<Shard> shards_;
  std::atomic<std::size_t> running_{0};
  StopSource stop_;
};

}  // namespace contend::load
