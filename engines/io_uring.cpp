// The io_uring engine: one thread and a queue of completions. It tells the kernel what it wants
// (accept, receive, send) and hears when it is done, many at a time for one system call; epoll
// hears what could be done and then does each with a call of its own. The techniques are in
// engines/uring/: multishot accept and receive, provided buffers (buffers.hpp), the turn of the
// loop (loop.cpp), the conversation as a state machine (conversation.cpp). At its best from Linux
// 6.1 on, plainer down to 5.11 (ring.hpp). Try it:
//   contend-engine serve io_uring echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include "engines/engine.hpp"
#include "engines/uring/roles.hpp"

namespace contend {

extern const Engine io_uring_engine{
    .name = "io_uring",
    .summary = "one thread, completions from a queue shared with the kernel (liburing)",
    .scales = true,
    .spins = true,
    .unavailable = uring::unavailable,
    .serve =
        [](Fd listener, Service& service, const ServeOptions& options, StopToken stop) {
          return uring::serve(std::move(listener), service, options, stop, uring::Setup{});
        },
    .drive =
        [](const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
          uring::drive(endpoint, sessions, options, uring::Setup{});
        },
    .run = [](std::span<Job> jobs,
              const RunOptions& options) { uring::run(jobs, options, uring::Setup{}); },
};

}  // namespace contend
