// A task that awaits itself is told so, and may go on.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

using Own = std::optional<Task<std::string>>;

Coroutine<std::string> awaits_itself(Own& own) {
  try {
    co_await *own;
  } catch (const std::logic_error&) {
    print("a task can't await itself");
  }
  co_await sleep(0s);
  co_return "went on";
}

Coroutine<> main() {
  Own task;
  task.emplace(create_task(awaits_itself(task)));
  print("it {}", co_await *task);
}

}  // namespace

void await_itself() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
