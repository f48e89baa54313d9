// Producers and a consumer who hand over by futures, turn by turn: a queue as one may build it.
#include <deque>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

struct Queue {
  std::deque<std::string> items;
  std::deque<Future<>> waiting;

  void put(std::string item) {
    items.push_back(std::move(item));
    while (!waiting.empty()) {
      const Future<> waiter = waiting.front();
      waiting.pop_front();
      if (waiter.done()) continue;
      waiter.set_result();
      break;
    }
  }

  Coroutine<std::string> get() {
    while (items.empty()) co_await waiting.emplace_back();
    std::string item = std::move(items.front());
    items.pop_front();
    co_return item;
  }
};

Coroutine<> produce(Queue& queue, std::string name, int count) {
  for (int number = 0; number < count; ++number) {
    print("{} puts {}", name, number);
    queue.put(fmt::format("{} {}", name, number));
    co_await sleep(0s);
  }
}

Coroutine<> consume(Queue& queue, std::string name) {
  for (;;) print("{} has {}", name, co_await queue.get());
}

Coroutine<> main() {
  Queue queue;
  std::vector<Task<>> consumers;
  for (const char* name : {"x", "y", "z"}) consumers.push_back(create_task(consume(queue, name)));
  co_await sleep(0s);
  consumers[1].cancel();
  co_await gather(produce(queue, "a", 4), produce(queue, "b", 3));
  co_await sleep(30ms);
  for (const Task<>& consumer : consumers) print("cancel {}", truth(consumer.cancel()));
  queue.put("for nobody");
  co_await sleep(0s);
  print("left {}, {}, {}", queue.items.size(), truth(consumers[0].cancelled()),
        truth(consumers[2].cancelled()));
}

}  // namespace

void hand_over() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
