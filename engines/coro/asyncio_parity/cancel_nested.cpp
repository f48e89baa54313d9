// A cancellation reaches what the task awaits: another task, a future. And it never reaches what
// only runs beside it.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> inner(std::string name) {
  try {
    print("{} waits", name);
    co_await sleep(10s);
  } catch (CancelledError) {
    print("{} is cancelled", name);
    throw;
  }
}

Coroutine<std::string> middle() {
  struct Finally {
    ~Finally() { print("middle is over"); }
  } over;
  co_await inner("coroutine");
  co_return "nothing";
}

Coroutine<std::string> outer(Outcome<void> task) {
  try {
    co_await task;
  } catch (CancelledError) {
    print("outer is cancelled, its task {}", truth(task.cancelled()));
    throw;
  }
  co_return "nothing";
}

template <typename T>
Coroutine<std::string> swallows(Task<T> task) {
  try {
    co_await task;
  } catch (CancelledError) {
    print("swallowed");
  }
  co_return "result";
}

Coroutine<> cancel(Task<std::string> task) {
  co_await sleep(0s);
  co_await sleep(0s);
  task.cancel();
  try {
    print("the task gave {}", co_await task);
  } catch (CancelledError) {
    print("the task was cancelled");
  }
}

Coroutine<> main() {
  co_await cancel(create_task(middle()));

  auto beside = create_task(inner("beside"));
  auto task = create_task(inner("task"));
  co_await cancel(create_task(outer(task)));

  Future<> future;
  co_await cancel(create_task(outer(future)));
  print("the future was cancelled {}", truth(future.cancelled()));

  task = create_task(inner("inner task"));
  co_await cancel(create_task(swallows(create_task(outer(task)))));

  // A task that somebody else cancels looks to who awaits it as if they were cancelled themselves.
  task = create_task(inner("other"));
  auto waiter = create_task(swallows(task));
  co_await sleep(0s);
  task.cancel();
  print("the waiter gave {}", co_await waiter);
  print("beside is done {}", truth(beside.done()));
}

}  // namespace

void cancel_nested() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
