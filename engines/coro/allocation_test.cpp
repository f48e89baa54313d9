// An await allocates nothing, and a task at most its frame and its state, which come from free
// lists (frames.hpp) once these have filled. Under a sanitizer each is a plain allocation.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "engines/coro/testing.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

// The program's own, for all its tests ([replacement.functions]); the others call these two.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace contend::coro {
namespace {

Coroutine<int> leaf(int value) {
  co_return value;
}

Coroutine<int> branch(int value) {
  co_return co_await leaf(value) + co_await leaf(1);
}

constexpr int times = 1000;

/// The allocations of `times` calls, after as many for warming up.
Coroutine<std::size_t> allocations_of(Coroutine<> (*what)()) {
  for (int time = 0; time < times; ++time) co_await what();
  const std::size_t before = allocations;
  for (int time = 0; time < times; ++time) co_await what();
  co_return allocations - before;
}

TEST(Allocation, CountsWhatIsAllocated) {
  const auto one = []() -> Coroutine<> {
    static int* volatile kept = nullptr;  // or else it is optimised away
    kept = new int;
    delete kept;
    co_return;
  };
  EXPECT_EQ(run(allocations_of(one)), static_cast<std::size_t>(times));
}

TEST(Allocation, NoneForAnAwait) {
  const auto nested = []() -> Coroutine<> { co_await branch(1); };
  EXPECT_EQ(run(allocations_of(nested)), 0U);
}

TEST(Allocation, NoneForATask) {
  const auto task = []() -> Coroutine<> { EXPECT_EQ(co_await create_task(branch(1)), 2); };
  EXPECT_EQ(run(allocations_of(task)), 0U);
}

TEST(Allocation, NoneForSleeping) {
  const auto nap = []() -> Coroutine<> {
    co_await sleep(0s);
    co_await sleep(1us);
  };
  EXPECT_EQ(run(allocations_of(nap)), 0U);
}

TEST(Allocation, NoneForAFuture) {
  const auto future = []() -> Coroutine<> {
    const Future<int> set;
    const auto setter = [](Future<int> it) -> Coroutine<> {
      it.set_result(1);
      co_return;
    };
    const auto task = create_task(setter(set));
    co_await set;
  };
  EXPECT_EQ(run(allocations_of(future)), 0U);
}

TEST(Allocation, NoneForReceiving) {
  static Socket* ours = nullptr;
  static int theirs = -1;
  const auto receive = []() -> Coroutine<> {
    std::byte into[10];
    EXPECT_EQ(::send(theirs, "x", 1, 0), 1);
    EXPECT_EQ(co_await sock_recv(*ours, into), 1U);
  };
  Pair pair;
  Loop loop;
  Socket socket(loop, std::move(pair.ours), Socket::Origin::accepted);
  ours = &socket;
  theirs = pair.theirs.get();
  EXPECT_EQ(loop.run_until_complete(allocations_of(receive)), 0U);
}

}  // namespace
}  // namespace contend::coro

#endif
