// blocking: one thread, one connection at a time, the first program that anyone writes. While it
// talks to one, the others wait in the listener's backlog, and jobs wait for each other: that
// starvation is what it is here to show. Needs nothing but sockets. Try it, with two nc:
//   contend-engine serve blocking echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include <array>

#include "engines/converse.hpp"

namespace contend {
namespace {

using ReceiveBuffer = std::array<std::byte, 64 << 10>;

ServeReport serve(Fd listener, Service& service, const ServeOptions&, StopToken stop) {
  ServeReport report;
  ReceiveBuffer buffer;
  set_stop_ticks(listener.get());
  while (!stop.requested()) {
    Fd connection = accept_one(listener, report, stop);
    if (!connection) continue;
    answer(std::move(connection), service, buffer, {.stop = stop});
  }
  return report;
}

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options) {
  ReceiveBuffer buffer;
  for (Session* const session : sessions)
    converse(endpoint, *session, buffer, {options.stop, options.until, options.connect_within});
}

void run(std::span<Job> jobs, const RunOptions& options) {
  for (Job& job : jobs) {
    if (options.stop.requested()) return;
    play(job, options.stop);
  }
}

}  // namespace

extern const Engine blocking_engine{.name = "blocking",
                                    .summary = "one thread, one connection at a time",
                                    .concurrent = false,
                                    .serve = serve,
                                    .drive = drive,
                                    .run = run};

}  // namespace contend
