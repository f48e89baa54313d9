// A limit for waiting: the result in time, or TimeoutError once the task is cancelled and over.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<std::string> work(std::string name, Duration how_long) {
  try {
    print("{} begins", name);
    co_await sleep(how_long);
    print("{} ends", name);
    co_return name;
  } catch (CancelledError) {
    print("{} is cancelled", name);
    throw;
  }
}

Coroutine<std::string> fail() {
  throw std::runtime_error("failed in time");
  co_return "never";
}

template <typename Awaitable>
Coroutine<> timeout_of(Awaitable awaitable, Duration how_long) {
  try {
    print("main has {}", co_await wait_for(std::move(awaitable), how_long));
  } catch (const TimeoutError&) {
    print("main: the time has run out");
  } catch (const std::runtime_error& error) {
    print("main: {}", error.what());
  }
}

Coroutine<> main() {
  co_await timeout_of(work("in time", 10ms), 10s);
  co_await timeout_of(work("too late", 10s), 30ms);
  co_await timeout_of(work("not at all", 10s), 0s);
  co_await timeout_of(fail(), 10s);
  auto task = create_task(work("a task", 10s));
  co_await timeout_of(task, 30ms);
  print("the task is cancelled {}", truth(task.cancelled()));
  auto done = create_task(work("done", 0s));
  co_await done;
  co_await timeout_of(done, 0s);
  co_await timeout_of(Future<std::string>(), 30ms);
}

}  // namespace

void wait_for_limit() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
