// The runtime's promises, on a poller that only keeps time and on the pollers of the listed engines
// through engines/conformance_test.cpp.
#include "engines/coro/loop.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

Coroutine<> note_twice(Loop& loop, Log& log, std::string name) {
  log.push_back(name + "1");
  co_await loop.yield();
  log.push_back(name + "2");
}

Coroutine<> sleep_and_note(Log& log, std::string name, Duration how_long) {
  co_await sleep(how_long);
  log.push_back(name);
}

TEST(Coroutine, DoesNothingUntilItIsAwaited) {
  Log log;
  { const Coroutine<> never = note(log, "never"); }
  EXPECT_TRUE(log.empty());
  Loop loop(plain());
  loop.spawn(note(log, "spawned"));
  EXPECT_EQ(log, Log{"spawned"});
}

Coroutine<> nest(Log& log) {
  log.push_back("before");
  co_await note(log, "inside");
  log.push_back("after");
}

Coroutine<> fail() {
  throw std::runtime_error("as it should");
  co_return;
}

Coroutine<> catch_what_fails(Log& log) {
  try {
    co_await fail();
  } catch (const std::runtime_error& error) {
    log.push_back(error.what());
  }
}

TEST(Coroutine, GoesOnWhereItAwaited) {
  Log log;
  Loop loop(plain());
  loop.spawn(nest(log));
  loop.run();
  EXPECT_EQ(log, (Log{"before", "inside", "after"}));
}

TEST(Coroutine, ThrowsWhereItIsAwaited) {
  Log log;
  Loop loop(plain());
  loop.spawn(catch_what_fails(log));
  loop.run();
  EXPECT_EQ(log, Log{"as it should"});
}

TEST(Loop, ThrowsWhatASpawnedTaskThrew) {
  Loop loop(plain());
  loop.spawn(fail());
  EXPECT_THROW(loop.run(), std::runtime_error);
}

TEST(Loop, YieldGivesTheOthersTheirTurn) {
  Log log;
  Loop loop(plain());
  loop.spawn(note_twice(loop, log, "a"));
  loop.spawn(note_twice(loop, log, "b"));
  loop.run();
  EXPECT_EQ(log, (Log{"a1", "b1", "a2", "b2"}));
}

TEST(Loop, SleepersWakeByTimeNotByOrder) {
  using std::chrono::milliseconds;
  Log log;
  Loop loop(plain());
  const TimePoint began = Clock::now();
  loop.spawn(sleep_and_note(log, "late", milliseconds(20)));
  loop.spawn(sleep_and_note(log, "early", milliseconds(5)));
  loop.spawn(sleep_and_note(log, "at once", milliseconds(0)));
  loop.run();
  EXPECT_EQ(log, (Log{"at once", "early", "late"}));
  EXPECT_GE(Clock::now() - began, milliseconds(20));
}

TEST(Loop, StopsWithTasksLeftAndDestroysThem) {
  Log log;
  StopSource stop;
  const auto held = std::make_shared<int>(0);
  {
    Loop loop(plain());
    const auto hold = [](std::shared_ptr<int>) -> Coroutine<> {
      co_await sleep(std::chrono::hours(1));
    };
    loop.spawn(hold(held));
    stop.request();
    loop.run(stop.token());
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Loop, EndsAtItsTime) {
  Log log;
  Loop loop(plain());
  loop.spawn(sleep_and_note(log, "never", std::chrono::hours(1)));
  const TimePoint until = Clock::now() + std::chrono::milliseconds(5);
  loop.run({}, until);
  EXPECT_GE(Clock::now(), until);
  EXPECT_TRUE(log.empty());
}

Coroutine<> wait_for_bytes(Loop& loop, Fd fd, std::optional<Duration> within, Log& log) {
  Socket socket(loop, std::move(fd), Socket::Origin::accepted);
  for (;;) {
    const ssize_t got = socket.receive(loop.scratch());
    if (got > 0) log.push_back("got " + std::to_string(got));
    if (got == 0) log.push_back("end");
    if (got == 0) co_return;
    if (got != -EAGAIN) continue;
    if (!co_await socket.readable(within)) {
      log.push_back("silence");
      co_return;
    }
  }
}

TEST(Socket, ReceivesUntilTheEnd) {
  Log log;
  Pair pair;
  Loop loop(plain());
  const std::string text = "hello";
  ASSERT_EQ(send(pair.theirs.get(), text.data(), text.size(), 0), 5);
  loop.spawn(wait_for_bytes(loop, std::move(pair.ours), {}, log));
  pair.theirs.reset();
  loop.run();
  EXPECT_EQ(log, (Log{"got 5", "end"}));
}

TEST(Socket, SilenceEndsTheWait) {
  Log log;
  Pair pair;
  Loop loop(plain());
  loop.spawn(wait_for_bytes(loop, std::move(pair.ours), std::chrono::milliseconds(5), log));
  loop.run();
  EXPECT_EQ(log, Log{"silence"});
}

// A reply in time leaves the timer in the heap; it has to find out by itself that it came too
// early.
TEST(Socket, ARepliedRequestMovesTheDeadline) {
  using std::chrono::milliseconds;
  Log log;
  Pair pair;
  Loop loop(plain());
  const auto talk = [](int fd) -> Coroutine<> {
    for (int i = 0; i < 3; ++i) {
      co_await sleep(milliseconds(30));
      [[maybe_unused]] const auto sent = send(fd, "x", 1, 0);
    }
  };
  loop.spawn(wait_for_bytes(loop, std::move(pair.ours), milliseconds(60), log));
  loop.spawn(talk(pair.theirs.get()));
  loop.run();
  EXPECT_EQ(log, (Log{"got 1", "got 1", "got 1", "silence"}));
}

Coroutine<> send_all(Loop& loop, Fd fd, const std::string& text) {
  Socket socket(loop, std::move(fd), Socket::Origin::accepted);
  Bytes rest = socket.send(bytes_of(text));
  while (!rest.empty()) {
    co_await socket.writable();
    rest = socket.send(rest);
  }
  EXPECT_EQ(socket.error(), 0);
}

Coroutine<> receive_all(Loop& loop, Fd fd, std::string& text) {
  Socket socket(loop, std::move(fd), Socket::Origin::accepted);
  for (;;) {
    const ssize_t got = socket.receive(loop.scratch());
    if (got == 0) co_return;
    if (got > 0)
      text.append(reinterpret_cast<const char*>(loop.scratch().data()),
                  static_cast<std::size_t>(got));
    else
      co_await socket.readable();
  }
}

TEST(Socket, SendsMoreThanTheKernelTakesAtOnce) {
  std::string text(3'000'000, '.');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
  std::string received;
  Pair pair;
  Loop loop(plain());
  loop.spawn(send_all(loop, std::move(pair.ours), text));
  loop.spawn(receive_all(loop, std::move(pair.theirs), received));
  loop.run();
  EXPECT_EQ(received, text);
}

TEST(Socket, ABrokenConnectionIsAnErrorNotASignal) {
  Pair pair;
  Loop loop(plain());
  pair.theirs.reset();
  Socket socket(loop, std::move(pair.ours), Socket::Origin::accepted);
  EXPECT_TRUE(socket.send(bytes_of("into nowhere")).empty());
  EXPECT_EQ(socket.error(), EPIPE);
}

}  // namespace
}  // namespace contend::coro
