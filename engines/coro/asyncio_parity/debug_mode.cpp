// Debug mode tells of what takes too long and of what was forgotten. The words differ, so that they
// are reduced to what is told of whom.
#include <regex>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

void report(const std::string& line) {
  std::smatch found;
  if (std::regex_search(line, found, std::regex(R"(^task (\w+) .*: kept the loop for)")))
    print("slow: {}", found.str(1));
  if (std::regex_search(line, found, std::regex(R"(^task (\w+) .*: nobody took.*: (.*)$)")))
    print("never taken: {}, {}", found.str(1), found.str(2));
  if (std::regex_search(line, found, std::regex(R"(^coroutine (\w+) .* was never awaited)")))
    print("never awaited: {}", found.str(1));
}

Coroutine<> slow() {
  block(60ms);
  co_return;
}

Coroutine<> slow_later() {
  co_await sleep(0s);
  block(60ms);
}

Coroutine<> quick() {
  co_await sleep(60ms);
}

Coroutine<> failing() {
  throw std::runtime_error("a failure");
  co_return;
}

Coroutine<> main() {
  Loop::running().debug()->report = report;
  Loop::running().debug()->slow_callback_duration = 30ms;
  co_await create_task(quick());
  print("quick is over");
  co_await create_task(slow());
  print("slow is over");
  co_await create_task(slow_later());
  print("slow_later is over");
  { const auto forgotten = quick(); }
  print("quick is forgotten");
  auto taken = create_task(failing());
  create_task(failing());
  co_await sleep(0s);
  try {
    co_await taken;
  } catch (const std::runtime_error&) {
    print("one was taken");
  }
  Loop::running().debug()->slow_callback_duration = 100ms;
  co_await create_task(slow());
  print("slow is not too slow any more");
}

}  // namespace

void debug_mode() {
  run(main(), true);
}

}  // namespace contend::coro::asyncio_parity
