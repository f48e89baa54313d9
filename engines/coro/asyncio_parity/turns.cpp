// Whose turn it is: an awaited coroutine runs on at once, a task begins at the next turn, and
// sleep(0) lets the others go first.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> inner(std::string name) {
  print("{} inside", name);
  co_return;
}

Coroutine<std::string> work(std::string name) {
  print("{} begins", name);
  co_await inner(name);
  co_await sleep(0s);
  print("{} goes on", name);
  co_await sleep(0s);
  print("{} ends", name);
  co_return name;
}

Coroutine<> main() {
  print("main begins");
  co_await work("awaited");
  auto first = create_task(work("first"));
  auto second = create_task(work("second"));
  auto never_awaited = work("coroutine");
  print("main has made two tasks");
  co_await sleep(0s);
  print("main after a turn");
  print("main has {}", co_await second);
  print("main has {}, {}", co_await first, truth(first.done()));
  print("main has {} again, at once", co_await first);
}

}  // namespace

void turns() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
