// Calls in other processes.
#include "engines/coro/process_pool.hpp"

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <set>

#include "engines/coro/testing.hpp"

namespace contend::coro {
namespace {

std::uint64_t square(std::uint64_t number) {
  return number * number;
}

int fail_in_there(int number) {
  throw std::runtime_error("no " + std::to_string(number));
}

int fail_at_length(int) {
  throw std::runtime_error(std::string(100'000, 'x'));
}

pid_t process_of(int) {
  return getpid();
}

int die(int) {
  kill(getpid(), SIGKILL);
  return 0;
}

int open_descriptors() {
  DIR* const directory = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

bool has_children() {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

int open_descriptors_there(int) {
  return open_descriptors();
}

TEST(ProcessPool, GivesResults) {
  const auto main = []() -> Coroutine<> {
    ProcessPool pool(2);
    std::vector<Future<std::uint64_t>> squares;
    for (std::uint64_t number = 0; number < 50; ++number)
      squares.push_back(run_in_executor(pool, square, number));
    const auto results = co_await gather(squares);
    for (std::uint64_t number = 0; number < 50; ++number)
      EXPECT_EQ(results[number], number * number);
  };
  run(main());
}

TEST(ProcessPool, CallsInOtherProcesses) {
  const auto main = []() -> Coroutine<> {
    ProcessPool pool(2);
    const auto [one, other] =
        co_await gather(run_in_executor(pool, process_of, 0), run_in_executor(pool, process_of, 0));
    EXPECT_NE(one, getpid());
    EXPECT_NE(other, getpid());
  };
  run(main());
}

TEST(ProcessPool, TellsTheMessageOfWhatWasThrown) {
  const auto main = []() -> Coroutine<> {
    ProcessPool pool(1);
    EXPECT_EQ(co_await how_ends(run_in_executor(pool, fail_in_there, 7)), "no 7");
    EXPECT_EQ((co_await how_ends(run_in_executor(pool, fail_at_length, 7))).find_first_not_of('x'),
              std::string::npos);
    EXPECT_EQ(co_await run_in_executor(pool, square, 3), 9U);
  };
  run(main());
}

TEST(ProcessPool, IsBrokenWhereAProcessDies) {
  const auto main = []() -> Coroutine<> {
    ProcessPool pool(1);
    const auto call = run_in_executor(pool, die, 0);
    static_cast<void>(co_await how_ends(call));
    EXPECT_THROW(call.result(), BrokenProcessPool);
    const auto next = run_in_executor(pool, square, 1);
    static_cast<void>(co_await how_ends(next));
    EXPECT_THROW(next.result(), BrokenProcessPool);
  };
  run(main());
}

TEST(ProcessPool, IsBrokenWhereAProcessIsKilledWhileIdle) {
  const auto main = []() -> Coroutine<> {
    ProcessPool pool(1);
    const pid_t pid = co_await run_in_executor(pool, process_of, 0);
    kill(pid, SIGKILL);
    const auto next = run_in_executor(pool, square, 1);
    static_cast<void>(co_await how_ends(next));
    EXPECT_THROW(next.result(), BrokenProcessPool);
  };
  run(main());
}

TEST(ProcessPool, LeavesNoProcessAndNoDescriptor) {
  const auto main = []() -> Coroutine<> {
    ProcessPool pool(3);
    EXPECT_TRUE(has_children());
    static_cast<void>(co_await how_ends(run_in_executor(pool, die, 0)));
    EXPECT_EQ(co_await run_in_executor(pool, square, 3), 9U);
  };
  const int before = open_descriptors();
  run(main());
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_FALSE(has_children());
}

TEST(ProcessPool, InheritsNothingButItsOwnSocket) {
  const auto main = []() -> Coroutine<> {
    const Fd another(dup(STDERR_FILENO));
    ProcessPool pool(2);
    // Standard input, output and error, the socket, the directory itself, and "." and "..".
    EXPECT_EQ(co_await run_in_executor(pool, open_descriptors_there, 0), 3 + 1 + 1 + 2);
  };
  run(main());
}

}  // namespace
}  // namespace contend::coro
