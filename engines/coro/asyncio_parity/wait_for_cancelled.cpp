// Whoever is cancelled while waiting with a limit cancels what they wait for, and waits for its
// end; unless it is done in the same moment.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> inner() {
  bool cancelled = false;
  try {
    co_await sleep(10s);
  } catch (CancelledError) {
    cancelled = true;
  }
  if (cancelled) {
    print("inner begins to clean up");
    co_await sleep(30ms);
    print("inner has cleaned up");
    throw CancelledError{};
  }
}

Coroutine<> outer() {
  try {
    co_await wait_for(inner(), 10s);
  } catch (CancelledError) {
    print("outer is cancelled");
    throw;
  }
}

Coroutine<std::string> limited(Future<std::string> future) {
  co_return co_await wait_for(future, 10s);
}

Coroutine<> main() {
  auto task = create_task(outer());
  co_await sleep(30ms);
  task.cancel();
  try {
    co_await task;
  } catch (CancelledError) {
    print("main is told, {}", truth(task.cancelled()));
  }
  Future<std::string> future;
  auto other = create_task(limited(future));
  co_await sleep(0s);
  future.set_result("a result");
  other.cancel();
  print("main has {}", co_await other);
}

}  // namespace

void wait_for_cancelled() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
