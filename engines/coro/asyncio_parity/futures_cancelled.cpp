// A cancelled future: who waits for it is told by CancelledError; and whoever is cancelled while
// waiting cancels it, for all.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> waiter(std::string name, Future<> future) {
  try {
    co_await future;
  } catch (CancelledError) {
    print("{} is told", name);
  }
  co_await sleep(0s);
  print("{} ends", name);
}

Coroutine<> main() {
  Future<> future;
  auto a = create_task(waiter("a", future));
  auto b = create_task(waiter("b", future));
  co_await sleep(0s);
  const bool told = future.cancel();
  print("cancel {}, {}, {}, {}", truth(told), truth(future.done()), truth(future.cancelled()),
        truth(future.cancel()));
  co_await a;
  co_await b;
  try {
    future.result();
  } catch (CancelledError) {
    print("its result is CancelledError");
  }
  try {
    future.set_result();
  } catch (const InvalidStateError&) {
    print("it can't be set any more");
  }

  future = Future<>();
  auto c = create_task(waiter("c", future));
  auto d = create_task(waiter("d", future));
  co_await sleep(0s);
  c.cancel();
  print("cancelling c has cancelled the future {}", truth(future.cancelled()));
  co_await c;
  co_await d;
  print("and d, who was not cancelled {}", truth(d.cancelled()));
}

}  // namespace

void futures_cancelled() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
