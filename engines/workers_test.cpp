// Workers that can't be set up, or fail: none is left that serves.
#include "engines/workers.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "engines/test_server.hpp"

namespace contend::test {
namespace {

constexpr ServeOptions four_workers{.workers = 4};

/// Serves nobody, until the stop.
struct IdleServer {
  StopToken stop;
  ServeReport serve() const {
    pollfd polled{.fd = stop.fd(), .events = POLLIN, .revents = 0};
    while (!stop.requested()) poll(&polled, 1, -1);
    ServeReport report;
    report.accepted = 1;
    return report;
  }
};

Fd shared_listener() {
  return listen_on(Endpoint::loopback(0), true);
}

TEST(Workers, AddTheirReports) {
  StopSource stop;
  stop.request();
  const ServeReport report =
      serve_with_workers(shared_listener(), four_workers, stop.token(), [&](const Fd& listener) {
        EXPECT_TRUE(listener);
        return IdleServer{stop.token()};
      });
  EXPECT_EQ(report.accepted, 4U);
}

TEST(Workers, ServeAllOrNone) {
  StopSource stop;
  std::atomic<int> made = 0;
  const auto make = [&](const Fd&) {
    if (++made == 2) throw std::runtime_error("no room");
    return IdleServer{stop.token()};
  };
  EXPECT_THROW(serve_with_workers(shared_listener(), four_workers, stop.token(), make),
               std::runtime_error);
  EXPECT_EQ(made, 4);
}

TEST(Workers, EndWithTheFirstThatFails) {
  struct Server : IdleServer {
    bool fails;
    ServeReport serve() const {
      if (fails) throw std::runtime_error("broken");
      return IdleServer::serve();
    }
  };
  StopSource stop;
  std::atomic<int> made = 0;
  const auto make = [&](const Fd&) { return Server{{stop.token()}, ++made == 3}; };
  EXPECT_THROW(serve_with_workers(shared_listener(), four_workers, stop.token(), make),
               std::runtime_error);
}

}  // namespace
}  // namespace contend::test
