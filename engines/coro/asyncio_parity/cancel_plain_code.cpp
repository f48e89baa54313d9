// A cancellation never interrupts plain code: it takes effect at the next await that has to wait,
// or else at the end.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

// There is no `current_task` here: main hands each its own, which it begins a turn later.
using Own = std::optional<Task<std::string>>;

Coroutine<std::string> at_once() {
  co_return "at once";
}

Coroutine<> nap() {
  co_await sleep(30ms);
}

Coroutine<> turn() {
  co_await sleep(0s);
}

Coroutine<std::string> cancels_itself(Own& own, Coroutine<> (*then)()) {
  own->cancel();
  print("itself goes on");
  co_await at_once();
  print("itself goes on after an await that did not wait");
  if (then == nullptr) co_return "result";
  try {
    co_await then();
    print("never");
  } catch (CancelledError) {
    print("itself is cancelled at the await");
    throw;
  }
  co_return "never";
}

Coroutine<std::string> failing(Own& own) {
  own->cancel();
  throw std::runtime_error("failing comes first");
  co_return "never";
}

Coroutine<> outcome_of(Task<std::string> task) {
  try {
    print("main has {}", co_await task);
  } catch (CancelledError) {
    print("main is told that it was cancelled");
  } catch (const std::runtime_error& error) {
    print("main is told of {}", error.what());
  }
}

Coroutine<> main() {
  Own own;
  co_await outcome_of(own.emplace(create_task(cancels_itself(own, nap))));
  co_await outcome_of(own.emplace(create_task(cancels_itself(own, turn))));
  co_await outcome_of(own.emplace(create_task(cancels_itself(own, nullptr))));
  co_await outcome_of(own.emplace(create_task(failing(own))));
}

}  // namespace

void cancel_plain_code() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
