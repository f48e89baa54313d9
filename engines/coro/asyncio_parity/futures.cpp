// A future: several wait for it, and go on in the order in which they came, a turn after it is set;
// it can be set once.
#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

Coroutine<> waiter(std::string name, Future<std::string> future) {
  try {
    print("{} has {}", name, co_await future);
  } catch (const std::runtime_error& error) {
    print("{} is told of {}", name, error.what());
  }
}

void try_to(const std::function<std::string()>& what) {
  try {
    print("there is {}", what());
  } catch (const InvalidStateError&) {
    print("InvalidStateError");
  }
}

Coroutine<> main() {
  Future<std::string> future;
  std::vector<Task<>> waiters;
  for (const char* name : {"a", "b", "c"}) waiters.push_back(create_task(waiter(name, future)));
  co_await sleep(0s);
  print("done {}, cancelled {}", truth(future.done()), truth(future.cancelled()));
  try_to([&] { return future.result(); });
  try_to([&] { return message_of(future.exception()); });
  future.set_result("a result");
  print("done {}, cancelled {}", truth(future.done()), truth(future.cancelled()));
  try_to([&] { return future.result(); });
  try_to([&] { return future.set_result("another"), "None"; });
  try_to([&] { return future.set_exception(std::runtime_error("a failure")), "None"; });
  try_to([&] { return future.result(); });
  print("cancel {}", truth(future.cancel()));
  print("main has {}, at once", co_await future);
  co_await gather(waiters);

  Future<std::string> failed;
  waiters.clear();
  for (const char* name : {"d", "e"}) waiters.push_back(create_task(waiter(name, failed)));
  failed.set_exception(std::runtime_error("a failure"));
  print("done {}, exception {}", truth(failed.done()), message_of(failed.exception()));
  co_await gather(waiters);
}

}  // namespace

void futures() {
  run(main());
}

}  // namespace contend::coro::asyncio_parity
