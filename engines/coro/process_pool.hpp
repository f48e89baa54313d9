// Processes for computations that would stall a loop: no lock and no memory shared with it.
//   ProcessPool pool(2);
//   co_await run_in_executor(pool, fib, 40);
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstring>
#include <mutex>
#include <span>
#include <vector>

#include "engines/coro/executor.hpp"
#include "engines/net.hpp"

namespace contend::coro {

/// A process of the pool has died; what it computed is lost, and the pool is of no more use.
struct BrokenProcessPool : std::runtime_error {
  BrokenProcessPool() : std::runtime_error("a process of the pool has ended unexpectedly") {}
};

class ProcessPool {
 public:
  /// What goes to a process and comes back: at most so many bytes, copied as they are.
  static constexpr std::size_t max_bytes = 4096;

  /// Forks them now. Best while the program has only one thread: what others hold locked at that
  /// moment stays locked in the child. Throws std::system_error.
  explicit ProcessPool(unsigned processes = std::thread::hardware_concurrency());
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;
  /// Waits for the computations in hand, then for the processes' end.
  ~ProcessPool() = default;

  /// Runs in a process of the pool: reads its argument from the first, writes its result into the
  /// second, returns the result's length.
  using Trampoline = std::size_t (*)(std::span<const std::byte>, std::span<std::byte>);
  /// On a thread of `threads`: has a free process make the call. Throws BrokenProcessPool, and
  /// std::runtime_error with the message of what the call threw.
  void call(Trampoline trampoline, std::span<const std::byte> argument,
            std::span<std::byte> result);
  /// One for each process; each waits for its answer.
  ThreadPool& threads() { return *threads_; }

 private:
  class Process {
   public:
    Process();
    Process(Process&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}
    Process& operator=(Process&&) = delete;
    ~Process();
    int fd() const { return socket_.get(); }

   private:
    pid_t pid_ = -1;
    Fd socket_;
  };

  std::vector<Process> processes_;
  std::mutex mutex_;
  std::vector<Process*> free_;           // guarded by the mutex
  std::unique_ptr<ThreadPool> threads_;  // last, so that its calls end before the processes
};

/// Calls `function(argument)` in a process of the pool. As both are copied byte by byte, they may
/// hold no pointers to what changes after the pool was made.
template <typename Result, typename Argument>
requires std::is_trivially_copyable_v<Result> && std::is_trivially_copyable_v<Argument>
    Future<Result> run_in_executor(ProcessPool& pool, Result (*function)(Argument),
                                   std::type_identity_t<Argument> argument) {
  struct Request {
    Result (*function)(Argument);
    Argument argument;
  };
  static_assert(sizeof(Request) <= ProcessPool::max_bytes / 2 &&
                sizeof(Result) <= ProcessPool::max_bytes / 2);
  const ProcessPool::Trampoline trampoline = [](std::span<const std::byte> bytes,
                                                std::span<std::byte> into) {
    Request request;
    std::memcpy(&request, bytes.data(), sizeof request);
    const Result result = request.function(request.argument);
    std::memcpy(into.data(), &result, sizeof result);
    return sizeof result;
  };
  return run_in_executor(pool.threads(),
                         [&pool, trampoline, request = Request{function, argument}] {
                           Result result;
                           pool.call(trampoline, std::as_bytes(std::span(&request, 1)),
                                     std::as_writable_bytes(std::span(&result, 1)));
                           return result;
                         });
}

}  // namespace contend::coro
