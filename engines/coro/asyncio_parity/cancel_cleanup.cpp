// Cleaning up may take turns of its own, and may be cancelled too; who waits for the task waits for
// that.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> clean_up(std::string name) {
  print("{} begins to clean up", name);
  co_await sleep(30ms);
  print("{} has cleaned up", name);
}

// C++ has no co_await within a catch: who has to wait while cleaning up remembers what was caught.
Coroutine<> work(std::string name) {
  bool cancelled = false;
  try {
    co_await sleep(10s);
  } catch (CancelledError) {
    cancelled = true;
  }
  if (cancelled) {
    co_await clean_up(name);
    throw CancelledError{};
  }
}

Coroutine<> outcome_of(std::string name, Task<> task) {
  try {
    co_await task;
    print("{} ended", name);
  } catch (CancelledError) {
    print("{} was cancelled", name);
  }
}

Coroutine<> main() {
  auto once = create_task(work("once"));
  co_await sleep(0s);
  once.cancel();
  print("main has cancelled it, {}", truth(once.done()));
  co_await sleep(0s);
  print("main after a turn, {}", truth(once.done()));
  co_await outcome_of("once", once);

  auto twice = create_task(work("twice"));
  co_await sleep(0s);
  twice.cancel();
  co_await sleep(0s);
  twice.cancel();
  co_await outcome_of("twice", twice);

  auto at_once = create_task(work("twice at once"));
  co_await sleep(0s);
  const bool first = at_once.cancel(), second = at_once.cancel();
  print("cancel {}, {}", truth(first), truth(second));
  co_await outcome_of("twice at once", at_once);
}

}  // namespace

void cancel_cleanup() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
