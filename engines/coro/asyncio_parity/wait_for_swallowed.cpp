// A task that does not care about being cancelled, behind a limit: its result counts after all, and
// what it throws instead is told.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<std::string> stubborn() {
  try {
    co_await sleep(10s);
  } catch (CancelledError) {
    print("stubborn goes on");
  }
  co_await sleep(30ms);
  print("stubborn ends");
  co_return "a late result";
}

Coroutine<> clumsy() {
  try {
    co_await sleep(10s);
  } catch (CancelledError) {
    throw std::runtime_error("clumsy failed to clean up");
  }
}

Coroutine<> main() {
  print("main has {}", co_await wait_for(stubborn(), 30ms));
  try {
    co_await wait_for(clumsy(), 30ms);
  } catch (const std::runtime_error& error) {
    print("main is told: {}", error.what());
  }
}

}  // namespace

void wait_for_swallowed() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
