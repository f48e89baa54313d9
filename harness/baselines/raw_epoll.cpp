// The hand-written epoll server that the epoll engine is measured beside. With --http, each chunk
// is answered by the http workload, so that what remains of the difference is the engine's own. Try
// it:
//   build/release/raw_epoll     and     scripts/limit.py --engines epoll
#include "harness/baselines/raw_epoll.hpp"

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
    std::fputs("usage: raw_epoll [--http]\n", stderr);
    return 2;
  }
  Fd listener = listen_on(Endpoint::loopback(0));
  std::printf("{\"listening\": %d}\n", port_of(listener));
  std::fflush(stdout);
  RawEpoll(std::move(listener), service.get()).run({});
}
