// What the io_uring engine itself costs a round trip: both it and the hand-written loop serve echo
// over a ring that only seems to be one. The functions of liburing that enter the kernel are this
// program's own; they take submissions from ordinary memory and put completions there: 64-byte
// messages on 64 connections that are not there. Not a measure of the kernel. Needs a build without
// sanitizers. Try it:
//   build/release/mocked_io_uring         or, with fewer pairs: build/release/mocked_io_uring 10
#include <liburing.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "engines/engine.hpp"
#include "engines/uring/roles.hpp"
#include "harness/baselines/paired.hpp"
#include "harness/baselines/raw_io_uring.hpp"
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

/// The kernel's side of one ring. One thread, one run at a time.
class FakeKernel {
 public:
  struct Calls {
    std::uint64_t enters = 0, receives_armed = 0, without_buffer = 0;
  };

  FakeKernel() : entries_(queue_entries), completions_(4 * queue_entries) {}

  void start(StopSource& stop) {
    sockets_.fill({});
    accept_ = stop_ = 0;
    answered_ = 0;
    taken_ = 0;
    calls_ = {};
    stop_source_ = &stop;
  }

  void set_up(io_uring* ring) {
    *ring = {};
    sq_head_ = sq_tail_ = cq_head_ = cq_tail_ = flags_ = 0;
    ring->features = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_SINGLE_MMAP;
    ring->sq.khead = &sq_head_;
    ring->sq.ktail = &sq_tail_;
    ring->sq.kflags = &flags_;
    ring->sq.sqes = entries_.data();
    ring->sq.ring_entries = queue_entries;
    ring->sq.ring_mask = queue_entries - 1;
    ring->cq.khead = &cq_head_;
    ring->cq.ktail = &cq_tail_;
    ring->cq.kflags = &flags_;
    ring->cq.cqes = completions_.data();
    ring->cq.ring_entries = 4 * queue_entries;
    ring->cq.ring_mask = 4 * queue_entries - 1;
  }

  void provide(const io_uring_buf_reg* registration) {
    buffers_ = reinterpret_cast<io_uring_buf_ring*>(registration->ring_addr);
    buffer_mask_ = registration->ring_entries - 1;
  }

  /// io_uring_enter: takes what was submitted; then the peers have all received and answered.
  int enter(io_uring* ring) {
    ++calls_.enters;
    const unsigned submitted = ring->sq.sqe_tail - ring->sq.sqe_head;
    for (unsigned i = ring->sq.sqe_head; i != ring->sq.sqe_tail; ++i)
      submit(entries_[i & (queue_entries - 1)]);
    sq_head_ = ring->sq.sqe_head = ring->sq.sqe_tail;
    if (answered_ >= round_trips) {
      finish();
    } else {
      for (std::size_t i = 0; i < sockets_.size(); ++i) deliver(sockets_[i]);
    }
    return static_cast<int>(submitted);
  }

  const Calls& calls() const { return calls_; }
  double ns_per_round_trip() const {
    return static_cast<double>((ended_ - began_).count()) / static_cast<double>(answered_);
  }

 private:
  struct Connection {
    std::uint64_t receive = 0;  ///< User data of the multishot receive; 0: none.
    bool message_waits = true;
  };
  static constexpr unsigned queue_entries = 1024;

  Connection& socket(int fd) { return sockets_[static_cast<std::size_t>(fd - first_fd)]; }

  void complete(std::uint64_t user_data, int result, unsigned flags = 0) {
    io_uring_cqe& made = completions_[cq_tail_ & (4 * queue_entries - 1)];
    made.user_data = user_data;
    made.res = result;
    made.flags = flags;
    ++cq_tail_;
  }

  void submit(const io_uring_sqe& entry) {
    switch (entry.opcode) {
      case IORING_OP_SEND:
        socket(entry.fd).message_waits = true;
        ++answered_;
        return complete(entry.user_data, static_cast<int>(entry.len));
      case IORING_OP_RECV:
        ++calls_.receives_armed;
        socket(entry.fd).receive = entry.user_data;
        return;
      case IORING_OP_ACCEPT:
        accept_ = entry.user_data;
        for (int i = 0; i < connections; ++i) complete(accept_, first_fd + i, IORING_CQE_F_MORE);
        return;
      case IORING_OP_POLL_ADD: stop_ = entry.user_data; return;
      case IORING_OP_TIMEOUT: return;  // a run is over before that
      case IORING_OP_ASYNC_CANCEL: cancel(entry.addr); break;
      default: break;
    }
    complete(entry.user_data, 0);
  }

  void cancel(std::uint64_t target) {
    std::uint64_t* found = target == accept_ ? &accept_ : nullptr;
    for (Connection& one : sockets_)
      if (one.receive == target) found = &one.receive;
    if (found != nullptr) complete(std::exchange(*found, 0), -ECANCELED);
  }

  void deliver(Connection& connection) {
    if (connection.receive == 0 || !connection.message_waits) return;
    if (taken_ == buffers_->tail) {
      ++calls_.without_buffer;
      complete(std::exchange(connection.receive, 0), -ENOBUFS);
      return;
    }
    if (answered_ == 0) began_ = thread_cpu();
    const io_uring_buf& buffer = buffers_->bufs[taken_++ & buffer_mask_];
    std::memset(reinterpret_cast<void*>(buffer.addr), 'x', message_bytes);
    connection.message_waits = false;
    complete(connection.receive, message_bytes,
             IORING_CQE_F_MORE | IORING_CQE_F_BUFFER |
                 static_cast<unsigned>(buffer.bid) << IORING_CQE_BUFFER_SHIFT);
  }

  void finish() {
    if (stop_source_ == nullptr) return;
    ended_ = thread_cpu();
    std::exchange(stop_source_, nullptr)->request();
    if (stop_ != 0) complete(stop_, 1);
  }

  std::vector<io_uring_sqe> entries_;
  std::vector<io_uring_cqe> completions_;
  unsigned sq_head_ = 0, sq_tail_ = 0, cq_head_ = 0, cq_tail_ = 0, flags_ = 0;
  io_uring_buf_ring* buffers_ = nullptr;
  std::uint16_t taken_ = 0;
  unsigned buffer_mask_ = 0;
  std::array<Connection, connections> sockets_{};
  std::uint64_t accept_ = 0, stop_ = 0, answered_ = 0;
  StopSource* stop_source_ = nullptr;
  Calls calls_;
  std::chrono::nanoseconds began_{}, ended_{};
};

FakeKernel* kernel = nullptr;

/// One run of `serve` over a new fake kernel: nanoseconds per round trip.
template <typename Serve>
double run(FakeKernel::Calls& calls, const Serve& serve) {
  static FakeKernel fake;
  StopSource stop;
  Fd listener{eventfd(0, EFD_CLOEXEC)};
  fake.start(stop);
  kernel = &fake;
  serve(std::move(listener), stop.token());
  calls = fake.calls();
  return fake.ns_per_round_trip();
}

nlohmann::json per_round_trip(const FakeKernel::Calls& calls) {
  const auto per = [](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(round_trips);
  };
  return {{"io_uring_enter", per(calls.enters)},
          {"receives_armed", per(calls.receives_armed)},
          {"without_buffer", per(calls.without_buffer)}};
}

int compare(std::size_t pairs) {
  const Workload& echo = find_workload("echo");
  const auto service = echo.service({echo.parameters, {}});
  const uring::Setup best{.features = {.defer_taskrun = true,
                                       .coop_taskrun = true,
                                       .registered_ring = true,
                                       .multishot_accept = true,
                                       .multishot_receive = true}};
  FakeKernel::Calls engine_calls, raw_calls;
  nlohmann::json report = compare_pairs(
      pairs,
      [&] {
        return run(engine_calls, [&](Fd listener, StopToken stop) {
          uring::serve(std::move(listener), *service, {}, stop, best);
        });
      },
      [&] {
        return run(raw_calls, [](Fd listener, StopToken stop) {
          RawIoUring(std::move(listener), nullptr).run(stop);
        });
      });
  report["engine"] = "io_uring";
  report["limit_ns"] = limit_ns;
  report["within_limit"] = report["difference_ns"]["median"] <= limit_ns;
  report["engine_calls_per_round_trip"] = per_round_trip(engine_calls);
  report["raw_calls_per_round_trip"] = per_round_trip(raw_calls);
  std::puts(json_text(report, 2).c_str());
  // The counts are exact on any machine; the times are for whoever reads them.
  return engine_calls.enters * 50 < round_trips ? 0 : 1;
}

}  // namespace
}  // namespace contend

// These definitions come before liburing's wherever this program's code calls them. Not to be
// looked into by the compiler: the raw loop lies in this file, and the engine elsewhere.
#define FAKE [[gnu::noipa]]
extern "C" {
using contend::kernel;

FAKE int io_uring_queue_init_params(unsigned, io_uring* ring, io_uring_params*) {
  kernel->set_up(ring);
  return 0;
}
FAKE void io_uring_queue_exit(io_uring*) {}
FAKE int io_uring_register_ring_fd(io_uring*) {
  return 1;
}
FAKE int io_uring_register_buf_ring(io_uring*, io_uring_buf_reg* registration, unsigned) {
  kernel->provide(registration);
  return 0;
}
FAKE int io_uring_unregister_buf_ring(io_uring*, int) {
  return 0;
}
FAKE int io_uring_submit(io_uring* ring) {
  return kernel->enter(ring);
}
FAKE int io_uring_submit_and_get_events(io_uring* ring) {
  return kernel->enter(ring);
}
FAKE int io_uring_submit_and_wait(io_uring* ring, unsigned) {
  return kernel->enter(ring);
}
FAKE int io_uring_submit_and_wait_timeout(io_uring* ring, io_uring_cqe**, unsigned,
                                          __kernel_timespec*, sigset_t*) {
  return kernel->enter(ring);
}
FAKE int close(int fd) {
  return fd >= contend::first_fd ? 0 : static_cast<int>(syscall(SYS_close, fd));
}
}

int main(int argc, char** argv) {
  std::size_t pairs = 200;
  const std::string_view given = argc == 2 ? argv[1] : "";
  if (argc > 2 ||
      (argc == 2 && std::from_chars(given.data(), given.data() + given.size(), pairs).ptr !=
                        given.data() + given.size())) {
    std::fputs("usage: mocked_io_uring [PAIRS]\n", stderr);
    return 2;
  }
  return contend::compare(pairs);
}
