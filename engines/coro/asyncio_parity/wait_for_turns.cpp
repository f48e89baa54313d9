// What runs beside a limit, turn by turn: who waits with one goes on a turn later than who waits
// without.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> ticker() {
  for (int turn = 0; turn < 8; ++turn) {
    print("turn {}", turn);
    co_await sleep(0s);
  }
}

Coroutine<> work() {
  print("work begins");
  co_await sleep(0s);
  print("work ends");
}

Coroutine<> never_runs() {
  print("never");
  co_return;
}

Coroutine<> main() {
  auto ticking = create_task(ticker());
  co_await create_task(work());
  print("main has waited without a limit");
  co_await ticking;
  ticking = create_task(ticker());
  co_await wait_for(work(), 10s);
  print("main has waited with a limit");
  co_await ticking;
  ticking = create_task(ticker());
  try {
    co_await wait_for(never_runs(), 0s);
  } catch (const TimeoutError&) {
    print("main has not waited at all");
  }
  co_await ticking;
}

}  // namespace

void wait_for_turns() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
