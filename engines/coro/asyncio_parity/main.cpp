// Small programs that exist twice, in Python beside asyncio and in C++ beside this runtime, and
// print the same events in the same order: what the runtime means, said by example. No test of
// speed. Try it:  coro_asyncio_parity --list      coro_asyncio_parity turns      python3
// engines/coro/asyncio_parity/turns.py
#include <cstdio>
#include <string_view>
#include <thread>

#include "engines/coro/asyncio_parity/asyncio_parity.hpp"

namespace contend::coro::asyncio_parity {
namespace {

struct Meaning {
  std::string_view name;
  void (*run)();
};

}  // namespace

void block(Duration how_long) {
  std::this_thread::sleep_for(how_long);
}

std::string message_of(const std::exception_ptr& failure) {
  if (!failure) return "None";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
}

// Each in the file of its name.
void turns();
void callbacks();
void due_together();
void hand_over();
void gather_order();
void gather_failure();
void gather_cancelled();
void cancel_at_await();
void cancel_cleanup();
void cancel_nested();
void cancel_plain_code();
void await_itself();
void wait_for_limit();
void wait_for_turns();
void wait_for_swallowed();
void wait_for_cancelled();
void shielded();
void futures();
void futures_cancelled();
void exceptions();
void shutdown();
void loop_by_hand();
void timed_work();
void executor();
void processes();
void sock_echo();
void debug_mode();

namespace {

constexpr Meaning all[] = {
    {"turns", turns},
    {"callbacks", callbacks},
    {"due_together", due_together},
    {"hand_over", hand_over},
    {"gather_order", gather_order},
    {"gather_failure", gather_failure},
    {"gather_cancelled", gather_cancelled},
    {"cancel_at_await", cancel_at_await},
    {"cancel_cleanup", cancel_cleanup},
    {"cancel_nested", cancel_nested},
    {"cancel_plain_code", cancel_plain_code},
    {"await_itself", await_itself},
    {"wait_for_limit", wait_for_limit},
    {"wait_for_turns", wait_for_turns},
    {"wait_for_swallowed", wait_for_swallowed},
    {"wait_for_cancelled", wait_for_cancelled},
    {"shielded", shielded},
    {"futures", futures},
    {"futures_cancelled", futures_cancelled},
    {"exceptions", exceptions},
    {"shutdown", shutdown},
    {"loop_by_hand", loop_by_hand},
    {"timed_work", timed_work},
    {"executor", executor},
    {"processes", processes},
    {"sock_echo", sock_echo},
    {"debug_mode", debug_mode},
};

int list() {
  for (const Meaning& meaning : all) print("{}", meaning.name);
  return 0;
}

int run_one(std::string_view name) {
  for (const Meaning& meaning : all) {
    if (meaning.name != name) continue;
    meaning.run();
    return 0;
  }
  fmt::print(stderr, "coro_asyncio_parity: there is no {}; --list shows what there is\n", name);
  return 2;
}

}  // namespace
}  // namespace contend::coro::asyncio_parity

int main(int argc, char** argv) {
  using namespace contend::coro::asyncio_parity;
  if (argc != 2) {
    fmt::print(stderr, "usage: coro_asyncio_parity NAME, or --list\n");
    return 2;
  }
  return argv[1] == std::string_view("--list") ? list() : run_one(argv[1]);
}
