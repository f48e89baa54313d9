// Saying when something begins, and how long it took: for a result, a failure and a cancellation.
// The times themselves are left out here.
#include <regex>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

void say(const std::string& line) {
  print("{}", std::regex_replace(line, std::regex(R"(\d+\.\d{3} s)"), "... s"));
}

Coroutine<std::string> work(Duration how_long) {
  print("work begins");
  co_await sleep(how_long);
  print("work ends");
  co_return "a result";
}

Coroutine<> fail() {
  co_await sleep(0s);
  throw std::runtime_error("a failure");
}

Coroutine<> long_sleep() {
  co_await sleep(10s);
}

Coroutine<> main() {
  auto coroutine = timed("not yet", work(30ms), say);
  print("nothing is said before it is awaited");
  print("main has {}", co_await std::move(coroutine));
  try {
    co_await timed("failing", fail(), say);
  } catch (const std::runtime_error& error) {
    print("main is told of {}", error.what());
  }
  try {
    co_await wait_for(timed("endless", long_sleep(), say), 30ms);
  } catch (const TimeoutError&) {
    print("the time has run out");
  }
  co_await gather(timed("a", work(70ms), say), timed("b", create_task(work(30ms)), say));
}

}  // namespace

void timed_work() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
