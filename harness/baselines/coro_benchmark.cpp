// What the coroutine runtime's own operations cost, beside Boost.Asio's awaitables doing the same:
// five operations, each on contend, and on Asio in three forms, of which the fastest is the one to
// compare with. Not a benchmark of sockets or of the kernel. Try it:
//   build/release/coro_benchmark              or, with ratios and intervals: scripts/coro_costs.py
//
// An iteration is one operation; of the sleeps it is one sleeper, and 10,000 of them are a wave, so
// that its real time, times 10,000, is the time from the first start to the last end. What compares
// is the CPU time. `allocations` are those of one operation, after a warm-up; what the C++ library
// takes for a thrown exception is not among them. What is cancelled ends by an exception, and who
// awaits it gets one, on both sides.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOOST_ASIO_DISABLE_FENCED_BLOCK  // as in engines/asio_loop.hpp
// As many pieces of memory kept for reuse as one task needs; without, Asio would allocate for each.
#define BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE 8
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <concepts>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "engines/coro/run.hpp"
#include "engines/net.hpp"
#include "harness/base/random.hpp"
#include "harness/testing/allocation_counter.hpp"

// g++ 12 takes the frames' operator delete for a mismatch once their operator new is inlined.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace contend {
namespace {

namespace asio = boost::asio;

/// So many operations between two looks at the clock. Each runtime does a batch in one coroutine.
constexpr int batch = 1'000;
constexpr int sleepers = 10'000;
constexpr std::chrono::hours for_ever{1};

/// How long the sleepers sleep: up to 1 ms, the same for all runtimes.
std::vector<Duration> random_durations() {
  std::mt19937_64 generator(1);
  std::vector<Duration> drawn(sleepers);
  for (Duration& one : drawn)
    one = std::chrono::nanoseconds(1 + uniform_below(generator, 1'000'000));
  return drawn;
}

/// A socket from which bytes can be received, as many as were sent into the other.
struct SocketPair {
  SocketPair() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
      throw_errno("socketpair");
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  void fill(std::size_t count) {
    sent.resize(count, std::byte{1});
    if (write(theirs.get(), sent.data(), count) != static_cast<ssize_t>(count))
      throw_errno("write to a socket pair");
  }
  Fd ours, theirs;
  std::vector<std::byte> sent;
};

/// The operations on contend's runtime. Each does `count` of them and gives how many went right.
class Contend {
 public:
  /// Whatever a task or an await needs has been in use before, so that none of them allocates.
  static constexpr bool recycles = true;
  template <typename T = void>
  using Task = coro::Coroutine<T>;

  template <typename T>
  T run(Task<T> task) {
    return loop_.run_until_complete(std::move(task));
  }

  Task<int> create_and_await(int count) {
    int sum = 0;
    for (int i = 0; i < count; ++i) sum += co_await coro::create_task(one());
    co_return sum;
  }

  Task<int> switch_tasks(int count) {
    const auto other = coro::create_task(take_turns(count / 2));
    co_await take_turns(count / 2);
    co_await other;
    co_return count;
  }

  Task<int> sleep(int count) {
    int slept = 0;
    for (int i = 0; i < count; ++i)
      tasks_.push_back(coro::create_task(sleep_and_count(durations_[i], slept)));
    for (const coro::Task<>& task : tasks_) co_await task;
    tasks_.clear();
    co_return slept;
  }

  Task<int> cancel_sleeping(int count) {
    int cancelled = 0;
    for (int i = 0; i < count; ++i) {
      const auto sleeper = coro::create_task(sleep_long());
      co_await coro::sleep(Duration::zero());  // it begins to sleep
      sleeper.cancel();
      try {
        co_await sleeper;
      } catch (const coro::CancelledError&) {
        ++cancelled;
      }
    }
    co_return cancelled;
  }

  Task<int> receive_ready(int count) {
    pair_.fill(static_cast<std::size_t>(count));
    std::size_t received = 0;
    std::byte byte{};
    for (int i = 0; i < count; ++i) received += co_await coro::sock_recv(socket_, {&byte, 1});
    co_return static_cast<int>(received);
  }

 private:
  static Task<int> one() { co_return 1; }
  static Task<> take_turns(int count) {
    for (int i = 0; i < count; ++i) co_await coro::sleep(Duration::zero());
  }
  static Task<> sleep_and_count(Duration how_long, int& slept) {
    co_await coro::sleep(how_long);
    ++slept;
  }
  static Task<> sleep_long() { co_await coro::sleep(for_ever); }

  coro::Loop loop_;
  SocketPair pair_;
  coro::Socket socket_{loop_, std::move(pair_.ours), coro::Socket::Origin::accepted};
  std::vector<Duration> durations_ = random_durations();
  std::vector<coro::Task<>> tasks_;
};

/// As Asio's tutorial has it: executors of any type, and a coroutine frame for each operation.
struct AsInTheTutorial {
  using Executor = asio::any_io_executor;
  static constexpr int concurrency_hint = 1;
  static constexpr asio::use_awaitable_t<Executor> token{};
};
/// The executor's type is named, and the context locks nothing.
struct Tuned {
  using Executor = asio::io_context::executor_type;
  static constexpr int concurrency_hint = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE;
  static constexpr asio::use_awaitable_t<Executor> token{};
};
/// And operations are awaited directly, which saves their frames.
struct TunedDeferred {
  using Executor = Tuned::Executor;
  static constexpr int concurrency_hint = Tuned::concurrency_hint;
  static constexpr asio::deferred_t token{};
};

/// The same on one of Asio's forms.
template <typename Form>
class Asio {
 public:
  static constexpr bool recycles = false;  // as far as it goes: the table says
  using Executor = typename Form::Executor;
  template <typename T = void>
  using Task = asio::awaitable<T, Executor>;

  template <typename T>
  T run(Task<T> task) {
    T result{};
    asio::co_spawn(executor_, std::move(task), [&](const std::exception_ptr& failure, T value) {
      if (failure) std::rethrow_exception(failure);
      result = value;
    });
    context_.restart();
    context_.run();
    return result;
  }

  Task<int> create_and_await(int count) {
    int sum = 0;
    for (int i = 0; i < count; ++i) {
      if constexpr (std::same_as<Form, TunedDeferred>) {
        // Asio 1.81 can't await a result directly but as a tuple.
        const auto [failure, value] =
            co_await asio::co_spawn(executor_, one(), asio::as_tuple(Form::token));
        if (failure) std::rethrow_exception(failure);
        sum += value;
      } else {
        sum += co_await asio::co_spawn(executor_, one(), Form::token);
      }
    }
    co_return sum;
  }

  Task<int> switch_tasks(int count) {
    asio::co_spawn(executor_, take_turns(count / 2), asio::detached);
    co_await take_turns(count / 2);
    co_return count;
  }

  Task<int> sleep(int count) {
    int slept = 0;
    Timer all_ended(executor_, Clock::time_point::max());
    for (int i = 0; i < count; ++i)
      asio::co_spawn(executor_, sleep_for(durations_[i]), [&](const std::exception_ptr&) {
        if (++slept == count) all_ended.cancel();
      });
    co_await all_ended.async_wait(asio::as_tuple(Form::token));
    co_return slept;
  }

  Task<int> cancel_sleeping(int count) {
    int cancelled = 0;
    for (int i = 0; i < count; ++i) {
      asio::cancellation_signal signal;
      // When that is run, the sleeper sleeps: spawning one runs it up to there.
      asio::post(executor_, [&] { signal.emit(asio::cancellation_type::terminal); });
      try {
        // Asio 1.81 binds no slot to `deferred`.
        co_await asio::co_spawn(
            executor_, sleep_for(for_ever),
            asio::bind_cancellation_slot(signal.slot(), asio::use_awaitable_t<Executor>()));
      } catch (const boost::system::system_error&) {
        ++cancelled;
      }
    }
    co_return cancelled;
  }

  Task<int> receive_ready(int count) {
    pair_.fill(static_cast<std::size_t>(count));
    std::size_t received = 0;
    std::byte byte{};
    for (int i = 0; i < count; ++i)
      received += co_await socket_.async_receive(asio::buffer(&byte, 1), Form::token);
    co_return static_cast<int>(received);
  }

 private:
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
  using Protocol = asio::local::stream_protocol;

  Task<int> one() { co_return 1; }
  Task<> take_turns(int count) {
    for (int i = 0; i < count; ++i) co_await asio::post(executor_, Form::token);
  }
  Task<> sleep_for(Duration how_long) {
    Timer timer(executor_, how_long);
    co_await timer.async_wait(Form::token);
  }

  asio::io_context context_{Form::concurrency_hint};
  Executor executor_ = context_.get_executor();
  SocketPair pair_;
  asio::basic_stream_socket<Protocol, Executor> socket_{executor_, Protocol(),
                                                        pair_.ours.release()};
  std::vector<Duration> durations_ = random_durations();
};

template <typename Runtime>
using Operation = typename Runtime::template Task<int> (Runtime::*)(int);

/// Only what the operations take is timed and counted; none that went wrong is left unnoticed.
template <typename Runtime>
typename Runtime::template Task<int> measure(benchmark::State& state, Runtime& runtime,
                                             Operation<Runtime> operation, int count) {
  int right = co_await (runtime.*operation)(count);
  const std::uint64_t allocated_before = allocations_of_this_thread();
  while (right == count && state.KeepRunningBatch(count))
    right = co_await (runtime.*operation)(count);
  const std::uint64_t allocations = allocations_of_this_thread() - allocated_before;
  if (right != count) state.SkipWithError("some operations did not do what they are for");
  if (Runtime::recycles && allocations != 0) state.SkipWithError("it allocates");
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations), benchmark::Counter::kAvgIterations);
  co_return right;
}

template <typename Runtime>
void add(const std::string& runtime_name) {
  const auto one = [&](const char* name, Operation<Runtime> operation, int count) {
    const auto run = [operation, count](benchmark::State& state) {
      Runtime runtime;
      runtime.run(measure(state, runtime, operation, count));
    };
    benchmark::RegisterBenchmark((name + ("/" + runtime_name)).c_str(), run);
  };
  one("create_and_await", &Runtime::create_and_await, batch);
  one("switch", &Runtime::switch_tasks, batch);
  one("sleeps", &Runtime::sleep, sleepers);
  one("cancel_sleeping", &Runtime::cancel_sleeping, batch);
  one("receive_ready", &Runtime::receive_ready, batch);
}

}  // namespace
}  // namespace contend

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  contend::add<contend::Contend>("contend");
  contend::add<contend::Asio<contend::AsInTheTutorial>>("asio_tutorial");
  contend::add<contend::Asio<contend::Tuned>>("asio_tuned");
  contend::add<contend::Asio<contend::TunedDeferred>>("asio_deferred");
  benchmark::RunSpecifiedBenchmarks();
}
