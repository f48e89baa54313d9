// A loop closes with everything pending: nothing of it is left, which a leak sanitizer sees too,
// and what outlives the loop stays harmless.
#include <gtest/gtest.h>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

using Held = std::shared_ptr<int>;

Coroutine<> hold(Held, Coroutine<> what) {
  co_await std::move(what);
}

template <typename T>
Coroutine<> wait(Outcome<T> outcome) {
  co_await outcome;
}

Coroutine<> long_sleep() {
  co_await sleep(1h);
}

TEST(Close, DestroysAllThatIsPending) {
  const Held held = std::make_shared<int>();
  Pair pair;
  Loop loop;
  std::optional<Socket> socket;
  socket.emplace(loop, std::move(pair.ours), Socket::Origin::accepted);
  std::byte into[10];
  const auto receive = [&]() -> Coroutine<> { co_await sock_recv(*socket, into); };
  const auto main = [&]() -> Coroutine<> {
    const auto sleeper = create_task(hold(held, long_sleep()));
    create_task(hold(held, wait<void>(Future<>())));
    create_task(hold(held, wait<void>(sleeper)));
    create_task(hold(held, wait(gather(hold(held, long_sleep()), hold(held, long_sleep())))));
    create_task(hold(held, wait(shield(hold(held, long_sleep())))));
    create_task(hold(held, wait_for(hold(held, long_sleep()), 1h)));
    create_task(hold(held, receive()));
    Loop::running().call_later(1h, [held] {});
    co_await turns(5);
    Loop::running().call_soon([held] { Loop::running().call_soon([held] {}); });
    create_task(hold(held, long_sleep()));
  };
  loop.run_until_complete(main());
  loop.call_soon([held] {});
  const Task<> never_begun(loop, hold(held, long_sleep()), std::source_location::current());
  EXPECT_GT(held.use_count(), 14);
  loop.close();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_TRUE(never_begun.cancelled());
}

TEST(Close, ByDestructionToo) {
  const Held held = std::make_shared<int>();
  {
    Loop loop(make_poll_poller());
    const auto main = [&]() -> Coroutine<> {
      create_task(hold(held, long_sleep()));
      co_await turns(2);
      gather(hold(held, long_sleep()), hold(held, long_sleep()));
    };
    loop.run_until_complete(main());
    EXPECT_GT(held.use_count(), 1);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Close, HandlesMayOutliveTheLoop) {
  std::optional<Loop> loop(std::in_place);
  Handle soon = loop->call_soon([] {});
  Handle later = loop->call_later(1h, [] {});
  const Task<> begun(*loop, long_sleep(), std::source_location::current());
  loop->run_until_complete(turns(2));
  const Task<> never_begun(*loop, long_sleep(), std::source_location::current());
  Handle next = loop->call_soon([] {});
  loop.reset();
  soon.cancel();
  later.cancel();
  next.cancel();
  for (const Task<>& task : {begun, never_begun}) {
    EXPECT_TRUE(task.done() && task.cancelled());
    EXPECT_FALSE(task.cancel());
    EXPECT_THROW(task.result(), CancelledError);
  }
}

TEST(Close, FuturesMayOutliveTheLoopWithAllThatFollowsThem) {
  std::optional<Loop> loop(std::in_place);
  const Future<int> set(*loop), failed(*loop), cancelled(*loop), left(*loop);
  std::vector<Outcome<int>> shields;
  const auto main = [&]() -> Coroutine<std::vector<Outcome<std::vector<int>>>> {
    std::vector<Outcome<std::vector<int>>> gathers;
    for (const auto& future : {set, failed, cancelled, left}) {
      gathers.push_back(gather(std::vector{future}));
      shields.push_back(shield(future));
    }
    co_return gathers;
  };
  const auto gathers = loop->run_until_complete(main());
  loop.reset();
  set.set_result(7);
  failed.set_exception(std::runtime_error("x"));
  EXPECT_TRUE(cancelled.cancel());
  EXPECT_EQ(set.result(), 7);
  EXPECT_NE(failed.exception(), nullptr);
  for (const auto& gathered : gathers) EXPECT_FALSE(gathered.done());
  for (const auto& shielded : shields) EXPECT_FALSE(shielded.done());
}

TEST(Close, ATaskOfAClosedLoopCanBeAwaitedInAnother) {
  Log log;
  std::optional<Task<std::string>> kept;
  const auto first = [&]() -> Coroutine<> {
    kept.emplace(create_task(work(log, "a")));
    co_await *kept;
  };
  const auto second = [&]() -> Coroutine<> {
    EXPECT_EQ(co_await *kept, "a");
    EXPECT_EQ(co_await shield(*kept), "a");
    EXPECT_EQ(co_await wait_for(*kept, 0s), "a");
    // These would be called back by the loop that is gone.
    EXPECT_THROW(gather(*kept), std::logic_error);
    EXPECT_THROW(co_await wait_for(*kept, 1s), std::logic_error);
  };
  run(first());
  run(second());
}

// Destructors of what is left may use what else is left.
TEST(Close, DestructorsMayCancelAndSet) {
  struct AtTheEnd {
    std::function<void()> what;
    ~AtTheEnd() { what(); }
  };
  const auto with = [](std::function<void()> what) -> Coroutine<> {
    const AtTheEnd at_the_end{std::move(what)};
    co_await sleep(1h);
  };
  Loop loop;
  const auto main = [&]() -> Coroutine<> {
    const Future<> future;
    create_task(wait<void>(future));
    const auto later = create_task(long_sleep());
    create_task(with([=] {
      later.cancel();
      if (!future.done()) future.set_result();
    }));
    const auto last = create_task(long_sleep());
    create_task(with([=] { last.cancel(); }));
    create_task(wait<void>(last));
    co_await turns(3);
  };
  loop.run_until_complete(main());
  loop.close();
}

}  // namespace
}  // namespace contend::coro
