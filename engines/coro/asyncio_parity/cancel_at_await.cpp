// A cancellation arrives at the await, as an exception: it can be caught for cleaning up, and even
// be swallowed. Whoever is cancelled before it ran never runs.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> work(std::string name) {
  // Python's `finally` is a destructor here.
  struct Finally {
    ~Finally() { print("{} is over", name); }
    std::string name;
  } over{name};
  try {
    print("{} waits", name);
    co_await sleep(10s);
  } catch (CancelledError) {
    print("{} cleans up", name);
    throw;
  }
}

Coroutine<std::string> stubborn() {
  try {
    co_await sleep(10s);
  } catch (CancelledError) {
    print("stubborn does not care");
  }
  co_await sleep(0s);
  co_return "done nevertheless";
}

Coroutine<std::string> deaf_to_errors() {
  try {
    co_await sleep(10s);
  } catch (const std::exception&) {
    print("never: a cancellation is no ordinary error");
  }
  co_return "never";
}

template <typename T>
Coroutine<> outcome_of(std::string name, Task<T> task) {
  try {
    if constexpr (std::is_void_v<T>)
      co_await task;
    else
      print("{}: {}", name, co_await task);
  } catch (CancelledError) {
    print("{}: cancelled", name);
  }
  print("{}: done {}, cancelled {}, cancel {}", name, truth(task.done()), truth(task.cancelled()),
        truth(task.cancel()));
}

template <typename T>
void cancel(const Task<T>& task) {
  const bool told = task.cancel();
  print("cancel {}, done {}, cancelled {}", truth(told), truth(task.done()),
        truth(task.cancelled()));
}

Coroutine<> main() {
  auto before = create_task(work("before it ran"));
  cancel(before);
  co_await outcome_of("before", before);

  auto waiting = create_task(work("work"));
  co_await sleep(0s);
  cancel(waiting);
  co_await outcome_of("waiting", waiting);

  auto swallowed = create_task(stubborn());
  co_await sleep(0s);
  swallowed.cancel();
  co_await outcome_of("swallowed", swallowed);

  auto deaf = create_task(deaf_to_errors());
  co_await sleep(0s);
  deaf.cancel();
  co_await outcome_of("deaf", deaf);
}

}  // namespace

void cancel_at_await() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
