// Cancelling what gathers cancels all that it gathers, and it ends when they have ended.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> work(std::string name) {
  try {
    print("{} begins", name);
    co_await sleep(10s);
  } catch (CancelledError) {
    print("{} is cancelled", name);
    throw;
  }
}

Coroutine<> quick() {
  print("quick ends");
  co_return;
}

Coroutine<> waiter() {
  co_await gather(work("c"), work("d"));
}

Coroutine<> main() {
  auto both = gather(work("a"), quick(), work("b"));
  co_await sleep(30ms);
  const bool told = both.cancel();
  print("cancel says {}, {}", truth(told), truth(both.done()));
  try {
    co_await both;
  } catch (CancelledError) {
    print("main is told, {}", truth(both.done()));
  }
  print("cancel says {}", truth(both.cancel()));

  auto task = create_task(waiter());
  co_await sleep(30ms);
  task.cancel();
  try {
    co_await task;
  } catch (CancelledError) {
    print("the waiter was cancelled");
  }
}

}  // namespace

void gather_cancelled() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
