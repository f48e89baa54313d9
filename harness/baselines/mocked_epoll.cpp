// What the epoll engine itself costs a round trip: both it and the hand-written loop serve echo
// over system calls that this program defines, which hand out 64-byte messages on 64 connections
// that are not there. Counts the calls too, which is exact where times are not. Not a measure of
// the kernel. Needs a build without sanitizers, which define these calls themselves. Try it:
//   build/release/mocked_epoll            or, with fewer pairs: build/release/mocked_epoll 10
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "engines/engine.hpp"
#include "harness/baselines/paired.hpp"
#include "harness/baselines/raw_epoll.hpp"
#include "workloads/json_text.hpp"
#include "workloads/thread_cpu.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

constexpr int connections = 64;
constexpr std::size_t message_bytes = 64;
constexpr std::uint64_t round_trips = 64 * 2000;  ///< A run of some milliseconds.
constexpr int first_fd = 100'000;                 ///< Above all real ones.
constexpr double limit_ns = 15;

/// The kernel's side. One thread, one run at a time.
struct FakeKernel {
  struct Connection {
    epoll_event registered{};
    bool message_waits = false;
  };
  struct Calls {
    std::uint64_t recv = 0, send = 0, epoll_wait = 0, epoll_ctl = 0, would_block = 0;
  };

  Connection sockets[connections];
  epoll_event listener{}, stop{};
  int listener_fd = -1, stop_fd = -1;
  StopSource* stop_source = nullptr;
  int accepted = 0;
  std::uint64_t answered = 0;
  Calls calls;  ///< From the first message to the last.
  std::chrono::nanoseconds began{}, ended{};

  static bool owns(int fd) { return fd >= first_fd; }
  Connection& socket(int fd) { return sockets[fd - first_fd]; }

  int control(int operation, int fd, const epoll_event* event) {
    if (ended == std::chrono::nanoseconds{}) ++calls.epoll_ctl;
    if (operation == EPOLL_CTL_DEL) return 0;
    if (fd == listener_fd) listener = *event;
    if (fd == stop_fd) stop = *event;
    if (owns(fd)) socket(fd).registered = *event;
    return 0;
  }

  int accept() {
    if (accepted < connections) return first_fd + accepted++;
    errno = EAGAIN;
    return -1;
  }

  /// As edges come at 64 connections and one load: many at once, each for one message.
  int wait(epoll_event* events) {
    if (accepted < connections) {
      events[0] = listener;
      events[0].events &= EPOLLIN;
      return 1;
    }
    if (answered == 0) {
      calls = {};
      began = thread_cpu();
    }
    ++calls.epoll_wait;
    if (answered >= round_trips) {
      ended = thread_cpu();
      stop_source->request();
      events[0] = stop;  // where nobody watches for it, the caller looks at the flag
      return stop.events == 0 ? 0 : 1;
    }
    for (int i = 0; i < connections; ++i) {
      sockets[i].message_waits = true;
      events[i] = sockets[i].registered;
      events[i].events &= EPOLLIN | EPOLLOUT;
    }
    return connections;
  }

  ssize_t receive(int fd, void* into, std::size_t size) {
    ++calls.recv;
    if (!socket(fd).message_waits) {
      ++calls.would_block;
      errno = EAGAIN;
      return -1;
    }
    socket(fd).message_waits = false;
    std::memset(into, 'x', std::min(size, message_bytes));
    return message_bytes;
  }

  ssize_t send(std::size_t size) {
    ++calls.send;
    ++answered;
    return static_cast<ssize_t>(size);
  }
};

FakeKernel* kernel = nullptr;

/// One run of `serve` over a new fake kernel: nanoseconds per round trip.
template <typename Serve>
double run(FakeKernel::Calls& calls, const Serve& serve) {
  static FakeKernel fake;
  StopSource stop;
  Fd listener{eventfd(0, EFD_CLOEXEC)};
  fake = {};
  fake.listener_fd = listener.get();
  fake.stop_fd = stop.token().fd();
  fake.stop_source = &stop;
  kernel = &fake;
  serve(std::move(listener), stop.token());
  kernel = nullptr;
  calls = fake.calls;
  return static_cast<double>((fake.ended - fake.began).count()) /
         static_cast<double>(fake.answered);
}

nlohmann::json per_round_trip(const FakeKernel::Calls& calls) {
  const auto per = [](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(round_trips);
  };
  return {{"recv", per(calls.recv)},
          {"send", per(calls.send)},
          {"epoll_wait", per(calls.epoll_wait)},
          {"epoll_ctl", per(calls.epoll_ctl)},
          {"would_block", per(calls.would_block)}};
}

int compare(std::size_t pairs) {
  const Workload& echo = find_workload("echo");
  const auto service = echo.service({echo.parameters, {}});
  FakeKernel::Calls engine_calls, raw_calls;
  nlohmann::json report = compare_pairs(
      pairs,
      [&] {
        return run(engine_calls, [&](Fd listener, StopToken stop) {
          find_engine("epoll").serve(std::move(listener), *service, {}, stop);
        });
      },
      [&] {
        return run(raw_calls, [](Fd listener, StopToken stop) {
          RawEpoll(std::move(listener), nullptr).run(stop);
        });
      });
  report["engine"] = "epoll";
  report["limit_ns"] = limit_ns;
  report["within_limit"] = report["difference_ns"]["median"] <= limit_ns;
  report["engine_calls_per_round_trip"] = per_round_trip(engine_calls);
  report["raw_calls_per_round_trip"] = per_round_trip(raw_calls);
  std::puts(json_text(report, 2).c_str());
  // The counts are exact on any machine; the times are for whoever reads them.
  return engine_calls.recv == round_trips && engine_calls.would_block == 0 &&
                 engine_calls.epoll_ctl == 0
             ? 0
             : 1;
}

}  // namespace
}  // namespace contend

// These definitions come before libc's wherever this program's code calls them. Not to be looked
// into by the compiler: the raw loop lies in this file, and the engine elsewhere.
#define FAKE [[gnu::noipa]]
extern "C" {
using contend::kernel;

FAKE int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  if (kernel == nullptr)
    return static_cast<int>(syscall(SYS_epoll_ctl, epoll, operation, fd, event));
  return kernel->control(operation, fd, event);
}
FAKE int epoll_wait(int, epoll_event* events, int, int) {
  return kernel->wait(events);
}
FAKE int epoll_pwait2(int, epoll_event* events, int, const timespec*, const sigset_t*) {
  return kernel->wait(events);
}
FAKE int accept4(int, sockaddr*, socklen_t*, int) {
  return kernel->accept();
}
FAKE ssize_t recv(int fd, void* into, std::size_t size, int) {
  return kernel->receive(fd, into, size);
}
FAKE ssize_t send(int, const void*, std::size_t size, int) {
  return kernel->send(size);
}
FAKE int close(int fd) {
  return contend::FakeKernel::owns(fd) ? 0 : static_cast<int>(syscall(SYS_close, fd));
}
}

int main(int argc, char** argv) {
  std::size_t pairs = 200;
  const std::string_view given = argc == 2 ? argv[1] : "";
  if (argc > 2 ||
      (argc == 2 && std::from_chars(given.data(), given.data() + given.size(), pairs).ptr !=
                        given.data() + given.size())) {
    std::fputs("usage: mocked_epoll [PAIRS]\n", stderr);
    return 2;
  }
  return contend::compare(pairs);
}
