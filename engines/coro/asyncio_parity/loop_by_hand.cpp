// A loop without run(): what is asked for waits until it runs; it runs until what it was asked for
// is done, and the others have the rest of that turn; then all waits for the next time, or is never
// heard of.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> ticker(std::string name) {
  for (int tick = 0; tick < 5; ++tick) {
    print("{} {}", name, tick);
    co_await sleep(0s);
  }
}

Coroutine<std::string> nap() {
  print("nap begins");
  co_await sleep(0s);
  print("nap ends");
  co_return "rested";
}

Coroutine<> fail() {
  throw std::runtime_error("failed");
  co_return;
}

Coroutine<> keeps_the_loop() {
  Loop& loop = Loop::running();
  loop.call_later(30ms, [] { print("due in the last turn"); });
  loop.call_soon([] { print("soon"); });
  block(60ms);
  print("has kept the loop");
  co_return;
}

Coroutine<> nested(Loop& loop) {
  try {
    loop.run_until_complete(nap());
  } catch (const std::logic_error&) {
    print("a loop runs already");
  }
  co_return;
}

}  // namespace

void loop_by_hand() {
  Loop loop;
  loop.call_soon([] { print("a callback"); });
  const Task<> ticking(loop, ticker("tick"), std::source_location::current());
  print("nothing has run yet");
  print("the nap gave {}", loop.run_until_complete(nap()));
  loop.call_soon([] { print("another callback"); });
  try {
    loop.run_until_complete(fail());
  } catch (const std::runtime_error& error) {
    print("it has {}", error.what());
  }
  Future<std::string> future(loop);
  loop.call_soon([&] { future.set_result("a result"); });
  print("the future gave {}", loop.run_until_complete(future));
  print("once more, with a turn for the others: {}", loop.run_until_complete(future));
  loop.run_until_complete(keeps_the_loop());
  loop.run_until_complete(nested(loop));
  loop.call_soon([] { print("never"); });
  loop.call_later(0s, [] { print("never"); });
  loop.close();
  try {
    loop.call_soon([] { print("never"); });
  } catch (const std::logic_error&) {
    print("the loop is closed");
  }
  try {
    loop.run_until_complete(future);
  } catch (const std::logic_error&) {
    print("the loop is closed");
  }
  try {
    Loop::running();
  } catch (const std::logic_error&) {
    print("no loop runs here");
  }
}

}  // namespace contend::coro::asyncio_parity
