// What computes, in other processes: with a result, an exception's message, and an error where the
// process dies.
#include <unistd.h>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

std::uint64_t square(std::uint64_t number) {
  return number * number;
}

std::uint64_t fail(std::uint64_t number) {
  throw std::runtime_error(fmt::format("no {}, please", number));
}

pid_t process_of(int) {
  return getpid();
}

int die(int status) {
  _exit(status);
}

Coroutine<> main() {
  ProcessPool pool(2);
  std::vector<Future<std::uint64_t>> squares;
  for (std::uint64_t number = 0; number < 5; ++number)
    squares.push_back(run_in_executor(pool, square, number));
  print("main has {}", joined(co_await gather(squares)));
  const auto there = co_await run_in_executor(pool, process_of, 0);
  print("in another process {}", truth(there != getpid()));
  try {
    co_await run_in_executor(pool, fail, 7);
  } catch (const std::runtime_error& error) {
    print("main is told: {}", error.what());
  }
  try {
    co_await run_in_executor(pool, die, 1);
  } catch (const BrokenProcessPool&) {
    print("the process has died");
  }
}

}  // namespace

void processes() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
