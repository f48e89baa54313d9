// Many at once, of which some fail: the first failure is told at once, and the others go on.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> work(std::string name, Duration how_long) {
  co_await sleep(how_long);
  print("{} ends", name);
}

Coroutine<> fail(std::string name, Duration how_long) {
  co_await sleep(how_long);
  print("{} fails", name);
  throw std::runtime_error(name);
}

Coroutine<> main() {
  auto slow = create_task(work("slow", 90ms));
  auto all_of_them = gather(slow, fail("early", 20ms), fail("late", 50ms));
  try {
    co_await all_of_them;
  } catch (const std::runtime_error& error) {
    print("main is told of {}, {}, {}", error.what(), truth(all_of_them.done()),
          truth(slow.done()));
  }
  print("its exception is {}", message_of(all_of_them.exception()));
  co_await slow;
  print("main has waited for the slow one");
  auto cancelled = create_task(work("never", 10s));
  Loop::running().call_soon([&] { cancelled.cancel(); });
  try {
    co_await gather(work("other", 0s), cancelled);
  } catch (CancelledError) {
    print("main is told that one was cancelled");
  }
}

}  // namespace

void gather_failure() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
