// What blocks, on another thread: the loop ticks on meanwhile. Nobody can stop a thread: a call
// that is cancelled is no longer waited for, but run() does not end before it has ended.
#include <thread>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

std::string blocking(Duration how_long) {
  block(how_long);
  return "a result";
}

void failing() {
  throw std::runtime_error("a failure");
}

void too_long() {
  block(90ms);
  print("the call has ended, unheard");
}

void never() {
  print("never");
}

Coroutine<> ticker() {
  for (int tick = 0; tick < 3; ++tick) {
    print("tick {}", tick);
    co_await sleep(30ms);
  }
}

Coroutine<> main() {
  auto ticking = create_task(ticker());
  const auto result = co_await run_in_executor([] { return blocking(150ms); });
  print("main has {}, {}", result, truth(ticking.done()));
  try {
    co_await run_in_executor(failing);
  } catch (const std::runtime_error& error) {
    print("main is told of {}", error.what());
  }
  const auto here = std::this_thread::get_id();
  const auto there = co_await run_in_executor(std::this_thread::get_id);
  print("on another thread {}", truth(here != there));

  {
    ThreadPool pool(1);
    auto first = run_in_executor(pool, [] { return blocking(30ms); });
    auto second = run_in_executor(pool, never);
    print("the only thread is busy, so the second is called off {}", truth(second.cancel()));
    print("the first has {}", co_await first);
  }

  try {
    co_await wait_for(run_in_executor(too_long), 30ms);
  } catch (const TimeoutError&) {
    print("the time has run out");
  }
  print("main ends");
}

}  // namespace

void executor() {
  run(main());
  print("run is over");
}

}  // namespace contend::coro::asyncio_parity
