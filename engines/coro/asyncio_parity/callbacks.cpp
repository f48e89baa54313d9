// Callbacks among tasks: first come, first served, whoever they are; one that fails harms nobody.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

void fail() {
  throw std::runtime_error("as it should");
}

Coroutine<> work() {
  print("task begins");
  Loop::running().call_soon([] { print("soon, asked for by the task"); });
  co_await sleep(0s);
  print("task ends");
}

Coroutine<> main() {
  Loop& loop = Loop::running();
  loop.call_soon([] { print("soon 1"); });
  auto task = create_task(work());
  loop.call_soon([] { print("soon 2"); });
  loop.call_soon(fail);
  auto never = loop.call_soon([] { print("never"); });
  never.cancel();
  loop.call_later(90ms, [] { print("late"); });
  loop.call_later(30ms, [] { print("early"); });
  never = loop.call_later(30ms, [] { print("never"); });
  never.cancel();
  loop.call_later(0s, [] { print("at once, after all that was ready"); });
  print("main has asked for all");
  co_await task;
  print("main has the task");
  co_await sleep(60ms);
  print("main between early and late");
  co_await sleep(60ms);
  never.cancel();
}

}  // namespace

void callbacks() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
