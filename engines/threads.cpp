// threads: a thread a connection, a session, a job. The code of `blocking`, unchanged, on as many
// threads as are needed; the kernel does the scheduling, at the price of a switch per message and
// a stack per connection. Not a pool: a thread is made for each and ends with it. Try it:
//   contend-engine serve threads echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include <pthread.h>

#include <array>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <vector>

#include "engines/converse.hpp"

namespace contend {
namespace {

/// A thread's stack and what it receives into. Only pages that were touched are memory: for small
/// messages that is 3 of them. Sanitizers need the rest.
constexpr std::size_t stack_bytes = 256 << 10;
using ReceiveBuffer = std::array<std::byte, 16 << 10>;

/// Threads that each do one thing; they are joined as they end, and all of them at the end of this.
/// Its methods are for one thread only, the one that owns it.
class ThreadGroup {
 public:
  ThreadGroup(unsigned max, const Limits& limits) : max_(max), limits_(limits) {
    pthread_attr_init(&attributes_);
    pthread_attr_setstacksize(&attributes_, stack_bytes);
  }
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ~ThreadGroup() {
    join_all();
    pthread_attr_destroy(&attributes_);
  }

  /// Waits until one more thread may be started. False: a limit was reached first.
  bool has_room() {
    join_ended(false);
    while (running_ >= max_ && !limits_.reached()) join_ended(true);
    return !limits_.reached();
  }

  /// Performs `work` on a new thread. While the system has no thread or memory to give, it waits;
  /// it returns how often it had to. `work` is dropped when a limit is reached first. What it
  /// throws ends all others by their stop, too, and comes out of `finish`.
  template <typename Work>
  std::uint64_t start(Work work) {
    std::unique_ptr<Task<Work>> task;
    std::uint64_t pauses = 0;
    while (!begin(task, work)) {
      pauses += 1;
      if (!sleep_until(Clock::now() + accept_pause, limits_)) return pauses;
      join_ended(false);
    }
    running_ += 1;
    return pauses;
  }

  /// Waits until all threads have ended. Throws what the first that failed has thrown.
  void finish() {
    join_all();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  template <typename Work>
  struct Task {
    ThreadGroup& group;
    Work work;

    Task(ThreadGroup& c, Work&& w) : group(c), work(std::move(w)) {}
    static void* main(void* argument) {
      std::unique_ptr<Task> task(static_cast<Task*>(argument));
      ThreadGroup& owner = task->group;
      try {
        task->work();
      } catch (...) {
        owner.failed();
      }
      task.reset();  // closes what the work held before anyone learns that it is over
      owner.ended();
      return nullptr;
    }
  };

  /// Takes `work` as the task's, if it is not yet, and gives the task to a new thread. Returns
  /// false if there is no memory or no thread now.
  template <typename Work>
  bool begin(std::unique_ptr<Task<Work>>& task, Work& work) {
    try {
      make_room();
      if (!task) task = std::make_unique<Task<Work>>(*this, std::move(work));
    } catch (const std::bad_alloc&) {
      return false;
    }
    pthread_t thread;
    const int error = pthread_create(&thread, &attributes_, task->main, task.get());
    if (error == EAGAIN) return false;
    if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_create");
    task.release();  // the thread's own now
    return true;
  }

  /// For one thread more, so that its end needs no memory.
  void make_room() {
    joining_.reserve(running_ + 1);
    const std::lock_guard lock(mutex_);
    ended_.reserve(running_ + 1);
  }

  void ended() {
    const std::lock_guard lock(mutex_);
    ended_.push_back(pthread_self());
    one_ended_.notify_one();
  }

  void failed() {
    limits_.stop.request();
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }

  void join_all() {
    while (running_ > 0) join_ended(true);
  }

  /// With `wait`, until at least one has ended or for a tick.
  void join_ended(bool wait) {
    {
      std::unique_lock lock(mutex_);
      if (wait) one_ended_.wait_for(lock, stop_tick, [this] { return !ended_.empty(); });
      joining_.swap(ended_);
    }
    for (const pthread_t thread : joining_) pthread_join(thread, nullptr);
    running_ -= joining_.size();
    joining_.clear();
  }

  const std::size_t max_;
  const Limits limits_;
  pthread_attr_t attributes_;
  std::size_t running_ = 0;  // started and not joined
  std::vector<pthread_t> joining_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable one_ended_;
  std::vector<pthread_t> ended_;
  std::exception_ptr failure_;
};

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
  ServeReport report;
  const Limits limits{.stop = stop};
  ThreadGroup group(options.max_connections, limits);
  set_stop_ticks(listener.get());
  while (group.has_room()) {
    Fd connection = accept_one(listener, report, stop);
    if (!connection) continue;
    report.accept_pauses += group.start([&, connection = std::move(connection)]() mutable {
      ReceiveBuffer buffer;
      answer(std::move(connection), service, buffer, limits);
    });
  }
  listener.reset();
  group.finish();
  return report;
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  const Limits limits{options.stop, options.until, options.connect_within};
  ThreadGroup group(options.max_parallel, limits);
  for (Session* const session : sessions) {
    if (!group.has_room()) break;
    group.start([&, session] {
      ReceiveBuffer buffer;
      converse(endpoint, *session, buffer, limits);
    });
  }
  group.finish();
}

void run(std::span<Job> jobs, const RunOptions& options) {
  ThreadGroup group(options.max_parallel, {.stop = options.stop});
  for (Job& job : jobs) {
    if (!group.has_room()) break;
    group.start([&job, stop = options.stop] { play(job, stop); });
  }
  group.finish();
}

}  // namespace

extern const Engine threads_engine{.name = "threads",
                                   .summary = "a thread a connection",
                                   .serve = serve,
                                   .drive = drive,
                                   .run = run};

}  // namespace contend
