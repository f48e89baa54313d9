// For tests of the io_uring engine with features of the kernel taken away and with queues that are
// too small, in this process, against plain sockets.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "engines/test_client.hpp"
#include "engines/test_server.hpp"
#include "engines/uring/roles.hpp"

namespace contend::test {

struct Case {
  const char* name;
  uring::Setup (*setup)();
};

inline uring::Setup best() {
  return {};
}
inline uring::Setup plain() {
  return {.features = {}};
}
inline uring::Setup cooperative() {
  uring::Setup setup;
  setup.features.defer_taskrun = false;
  return setup;
}
inline uring::Setup without_minimal_wait() {
  uring::Setup setup;
  setup.features.minimal_wait = false;
  return setup;
}
inline uring::Setup without_provided_buffers() {
  uring::Setup setup;
  setup.features.multishot_receive = false;
  return setup;
}
/// Everything overflows: submissions, completions, receive buffers (ENOBUFS), the backlog.
inline uring::Setup tiny() {
  return {
      .sizes = {.submissions = 4, .completions = 8, .receive_buffers = 2, .backlog_bytes = 4096}};
}
inline uring::Setup tiny_and_plain() {
  return {.features = {}, .sizes = {.submissions = 4, .completions = 8}};
}

inline constexpr Case cases[] = {
    {"Best", best},
    {"Plain", plain},
    {"Cooperative", cooperative},
    {"WithoutProvidedBuffers", without_provided_buffers},
    {"WithoutMinimalWait", without_minimal_wait},
    {"Tiny", tiny},
    {"TinyAndPlain", tiny_and_plain},
};

/// Says what its test tells it to; the default is a server that echoes.
class Scripted : public Session {
 public:
  Step on_open() override { return {}; }
  Step on_bytes(Bytes bytes) override { return {.send = bytes}; }
};

template <typename Made>
class ServiceOf final : public Service {
 public:
  std::unique_ptr<Session> open() override { return std::make_unique<Made>(); }
};

/// A server in a thread of its own.
class Served {
 public:
  Served(const uring::Setup& setup, std::unique_ptr<Service> service, ServeOptions options = {},
         Fd listener = listen_on(Endpoint::loopback(0), true))
      : service_(std::move(service)), port_(port_of(listener)) {
    thread_ = std::jthread([this, setup, options, held = std::move(listener)]() mutable {
      report_ = uring::serve(std::move(held), *service_, options, stop_.token(), setup);
    });
  }
  ~Served() { stop_.request(); }

  std::uint16_t port() const { return port_; }
  Endpoint endpoint() const { return Endpoint::loopback(port_); }
  ServeReport stop() {
    stop_.request();
    thread_.join();
    return report_;
  }

 private:
  StopSource stop_;
  std::unique_ptr<Service> service_;
  std::uint16_t port_;
  ServeReport report_;
  std::jthread thread_;
};

class Uring : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (const char* reason = uring::unavailable()) GTEST_SKIP() << reason;
  }
  static uring::Setup setup() { return GetParam().setup(); }
  template <typename Made = Scripted>
  static Served serve(ServeOptions options = {}) {
    return {setup(), std::make_unique<ServiceOf<Made>>(), options};
  }
};

/// Returns the descriptor of this process that is the other end of this TCP connection, or -1.
inline int other_end_of(int fd) {
  const auto addresses = [](int of) {
    std::array<sockaddr_in, 2> both{};
    socklen_t length = sizeof(sockaddr_in);
    getsockname(of, reinterpret_cast<sockaddr*>(&both[0]), &length);
    getpeername(of, reinterpret_cast<sockaddr*>(&both[1]), &length);
    return std::array<int, 2>{both[0].sin_port, both[1].sin_port};
  };
  const auto [here, there] = addresses(fd);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  for (int other = 0; other < static_cast<int>(limit.rlim_cur); ++other)
    if (there != 0 && addresses(other) == std::array{there, here}) return other;
  return -1;
}

/// Makes `fd` a connection that was reset. A receive that is in flight goes on with the connection
/// that it was before, which stays open: so the engine is not told of the end, as on kernels that
/// lose it.
inline void reset_unseen(int fd) {
  const Fd listener = listen_on(Endpoint::loopback(0));
  Client peer(port_of(listener));
  const Fd broken{accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  peer.reset();
  // By its number, since the thread sanitizer takes another thread's descriptor for a race.
  ASSERT_EQ(syscall(SYS_dup3, broken.get(), fd, O_CLOEXEC), fd);
}

/// Lowers how many more descriptors this process may open, as long as it lives.
class DescriptorsLeft {
 public:
  explicit DescriptorsLeft(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const Fd lowest{dup(STDIN_FILENO)};
    const rlimit few{static_cast<rlim_t>(lowest.get()) + count, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
  }
  DescriptorsLeft(const DescriptorsLeft&) = delete;
  DescriptorsLeft& operator=(const DescriptorsLeft&) = delete;
  ~DescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace contend::test
