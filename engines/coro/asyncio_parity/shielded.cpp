// A shield: the time runs out, or who waits is cancelled, but the task goes on and can be awaited
// later.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<std::string> work(std::string name) {
  try {
    co_await sleep(60ms);
    print("{} ends", name);
    co_return name;
  } catch (CancelledError) {
    print("{} is cancelled", name);
    throw;
  }
}

Coroutine<> waits(Task<std::string> task) {
  try {
    co_await shield(task);
  } catch (CancelledError) {
    print("who waits is cancelled");
    throw;
  }
}

Coroutine<> main() {
  auto task = create_task(work("work"));
  try {
    co_await wait_for(shield(task), 30ms);
  } catch (const TimeoutError&) {
    print("the time has run out, {}", truth(task.done()));
  }
  print("main has {}", co_await task);

  task = create_task(work("more work"));
  auto waiter = create_task(waits(task));
  co_await sleep(30ms);
  waiter.cancel();
  try {
    co_await waiter;
  } catch (CancelledError) {
    print("the waiter was cancelled, the task {}", truth(task.cancelled()));
  }
  print("main has {}", co_await shield(task));

  task = create_task(work("the inner one"));
  auto shielded = shield(task);
  co_await sleep(0s);
  task.cancel();
  try {
    co_await shielded;
  } catch (CancelledError) {
    print("no shield against cancelling the task itself, {}", truth(shielded.cancelled()));
  }
}

}  // namespace

void shielded() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
