// What run() does when main has ended: the tasks that are left are cancelled, and may clean up.
// Only one is left at a time, since Python cancels them in no order.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> left(std::string name) {
  bool cancelled = false;
  try {
    print("{} waits", name);
    co_await sleep(10s);
  } catch (CancelledError) {
    cancelled = true;
  }
  if (cancelled) {
    print("{} is cancelled", name);
    co_await sleep(30ms);
    print("{} has cleaned up", name);
    throw CancelledError{};
  }
}

Coroutine<> quick() {
  print("quick begins");
  co_await sleep(0s);
  print("quick has its last turn");
  co_await sleep(0s);
  print("never");
}

Coroutine<std::string> main(Coroutine<> what) {
  create_task(std::move(what));
  co_await sleep(0s);
  Loop::running().call_soon([] { print("a last callback"); });
  Loop::running().call_later(10s, [] { print("never"); });
  print("main ends");
  co_return "its result";
}

Coroutine<> fails() {
  create_task(left("beside failure"));
  co_await sleep(0s);
  throw std::runtime_error("main failed");
}

}  // namespace

void shutdown() {
  print("run gives {}", run(main(left("left"))));
  print("run gives {}", run(main(quick())));
  try {
    run(fails());
  } catch (const std::runtime_error& error) {
    print("run throws {}", error.what());
  }
}

}  // namespace contend::coro::asyncio_parity
