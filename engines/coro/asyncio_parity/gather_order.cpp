// Many at once: they begin in the order of the arguments, which is that of the results too, in
// whatever order they end.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<std::string> work(std::string name, Duration how_long) {
  print("{} begins", name);
  co_await sleep(how_long);
  print("{} ends", name);
  co_return name;
}

Coroutine<> main() {
  auto task = create_task(work("a task", 0s));
  auto [slow, fast, tasks] = co_await gather(work("slow", 60ms), work("fast", 20ms), task);
  print("main has {}, {}, {}", slow, fast, tasks);
  // Where Python unpacks a list of coroutines, these are made tasks one by one.
  std::vector<Task<std::string>> several;
  for (const char* name : {"a", "b", "c"}) several.push_back(create_task(work(name, 0s)));
  const auto results = co_await gather(several);
  print("main has {}", joined(results));
  const auto nothing = co_await gather();
  print("main has {}", std::tuple_size_v<decltype(nothing)>);
  auto both = gather(work("left", 0s), work("right", 0s));
  print("main has not begun to wait, {}", truth(both.done()));
  co_await sleep(0s);
  print("main after a turn");
  co_await both;
  print("main has waited, {}", truth(both.done()));
}

}  // namespace

void gather_order() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
