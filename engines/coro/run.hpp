// The way in: run(main()), as asyncio.run. Includes all that such a program needs. Try it:
//   Coroutine<> main() { co_await sleep(1s); }      run(main());
#pragma once

#include "engines/coro/executor.hpp"
#include "engines/coro/process_pool.hpp"
#include "engines/coro/sock.hpp"
#include "engines/coro/timed.hpp"
#include "engines/coro/wait.hpp"

namespace contend::coro {

/// A new loop runs `main` to its end, cancels the tasks that are left and waits for them, then
/// closes. Gives what `main` returned, or throws what it threw. Throws std::logic_error where a
/// loop runs on this thread already.
template <typename T>
T run(Coroutine<T> main, bool debug = false, MakePoller make_poller = make_epoll_poller,
      std::source_location created_at = std::source_location::current()) {
  Loop loop(make_poller());
  if (debug) loop.set_debug(true);
  const Task<T> task(loop, std::move(main), created_at);
  // How it ended is told last of all, since a result that can't be copied can be had once.
  loop.run_until_done(*task.state());
  loop.cancel_all();
  loop.close();
  return task.result();
}

}  // namespace contend::coro
