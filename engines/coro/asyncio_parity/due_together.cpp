// Timers and sleepers that are due together: callbacks run in the turn in which they are due, a
// sleeper a turn later, since its timer completes a future that wakes it.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> sleeper(std::string name, Duration how_long) {
  co_await sleep(how_long);
  print("{} wakes", name);
  co_await sleep(0s);
  print("{} ends", name);
}

Coroutine<> main() {
  Loop& loop = Loop::running();
  auto first = create_task(sleeper("first", 30ms));
  loop.call_later(30ms, [] { print("timer"); });
  auto second = create_task(sleeper("second", 10ms));
  co_await sleep(0s);
  loop.call_later(20ms, [] { print("another timer"); });
  loop.call_soon([] { print("soon"); });
  block(60ms);
  print("main has kept the loop until all were due");
  co_await sleep(0s);
  print("main after a turn");
  co_await first;
  co_await second;
}

}  // namespace

void due_together() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
