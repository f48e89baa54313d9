// An exception travels through all that await, from coroutine to coroutine and task to task, until
// somebody catches it; a task keeps it for whoever awaits, as often as they do.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> fail() {
  co_await sleep(0s);
  throw std::invalid_argument("the cause");
}

Coroutine<> middle() {
  struct Finally {
    ~Finally() { print("middle is left"); }
  } left;
  co_await fail();
  print("never");
}

Coroutine<> outer() {
  try {
    co_await create_task(middle());
    print("never");
  } catch (const std::invalid_argument& error) {
    print("outer translates {}", error.what());
    throw std::runtime_error("the consequence");
  }
}

Coroutine<std::string> catches() {
  try {
    co_await middle();
  } catch (const std::invalid_argument& error) {
    print("caught {}", error.what());
  }
  co_await sleep(0s);
  co_return "went on";
}

Coroutine<> main() {
  auto task = create_task(outer());
  for (int time = 0; time < 2; ++time) {
    try {
      co_await task;
    } catch (const std::runtime_error& error) {
      print("main is told of {}", error.what());
    }
  }
  print("done {}, cancelled {}, exception {}", truth(task.done()), truth(task.cancelled()),
        message_of(task.exception()));
  print("main has {}", co_await catches());
  co_await middle();
}

}  // namespace

void exceptions() {
  try {
    run(main());
  } catch (const std::invalid_argument& error) {
    print("run throws {}", error.what());
  }
}

}  // namespace contend::coro::asyncio_parity
