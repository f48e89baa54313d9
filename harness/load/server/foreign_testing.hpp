// For tests of load on servers that are not ours: how they are started, and a fixture that has one.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/process/child.hpp"
#include "harness/testing/testing.hpp"

namespace contend::load_testing {

using Words = std::vector<std::string>;

/// One of Python's standard library, "http" or "echo": what it was asked is in the file `log`.
inline Words python_server(const std::string& protocol, const std::string& log) {
  return {"/usr/bin/python3", "-B", CONTEND_SOURCE_DIR "/harness/load/server/foreign_server.py",
          protocol, log};
}
/// nginx, which returns one text.
inline Words nginx_server() {
  return {"/usr/bin/python3", CONTEND_SOURCE_DIR "/engines/external/nginx/host.py", "serve",
          "nginx", "http"};
}

class OnForeignServer : public ::testing::Test {
 protected:
  /// Starts it, and waits until it listens; the test is skipped where there is no such server.
  void serve(const Words& command) {
    server_ = std::make_unique<Child>(guard_, Command{.arguments = command});
    try {
      address_ = testing::address_of(*server_);
    } catch (const ChildUnavailable& reason) {
      GTEST_SKIP() << reason.what();
    }
  }

  /// Asked to end, nginx takes its folder along.
  void TearDown() override {
    if (server_) server_->stop(testing::patience);
  }

  testing::TemporaryFolder folder_;
  Guard guard_;
  std::unique_ptr<Child> server_;
  std::string address_;
};

}  // namespace contend::load_testing
