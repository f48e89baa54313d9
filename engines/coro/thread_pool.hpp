// Threads for what would stall a loop. `run_in_executor` (executor.hpp) is the way to use them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "engines/coro/callback.hpp"

namespace contend::coro {

/// A call that a pool makes. Afterwards it goes back to its loop, as a callback.
class Work : public Callback {
 public:
  explicit Work(Fire on_loop) : Callback(on_loop) {}
  /// On a thread of the pool. Last of all, it posts itself to its loop.
  virtual void perform() noexcept = 0;

 protected:
  ~Work() = default;
};

class ThreadPool {
 public:
  /// As many as Python's ThreadPoolExecutor has where nothing is said: the CPUs and 4, at most 32.
  static unsigned usual_threads();

  /// Throws std::system_error where there is no thread to be had.
  explicit ThreadPool(unsigned threads = usual_threads());
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Does what is left to do, then joins.
  ~ThreadPool();

  /// Any thread. First come, first served, and no limit: each is a coroutine that waits.
  void submit(Work& work);

 private:
  void work();
  void close();

  std::mutex mutex_;
  std::condition_variable changed_;
  Callbacks queue_;  // of Work; guarded by the mutex, as is the next
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace contend::coro
