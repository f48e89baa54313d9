// The hand-written io_uring server that the io_uring engine is measured beside. With --http, each
// chunk is answered by the http workload, so that what remains of the difference is the engine's
// own; a client may not pipeline then. Try it:
//   build/release/raw_io_uring     and     scripts/limit.py --engines io_uring
#include "harness/baselines/raw_io_uring.hpp"

#include <signal.h>

#include <cstdio>
#include <string_view>

#include "workloads/workload.hpp"

int main(int argc, char** argv) {
  using namespace contend;
  signal(SIGTERM, [](int) { _exit(0); });
  std::unique_ptr<Service> service;
  if (argc == 2 && std::string_view(argv[1]) == "--http") {
    const Workload& http = find_workload("http");
    service = http.service({http.parameters, {}});
  } else if (argc != 1) {
    std::fputs("usage: raw_io_uring [--http]\n", stderr);
    return 2;
  }
  Fd listener = listen_on(Endpoint::loopback(0));
  const int port = port_of(listener);
  RawIoUring server(std::move(listener), service.get());
  std::printf("{\"listening\": %d}\n", port);
  std::fflush(stdout);
  server.run({});
}
