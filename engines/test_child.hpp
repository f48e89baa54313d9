// For tests: a process of one's own for a call to an engine, since an engine may fork or keep to a
// thread. What it writes into a SharedArray is seen by the test.
#pragma once

#include <exception>
#include <iostream>
#include <string_view>

#include "engines/test_host.hpp"

namespace contend::test {

inline Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// A child process that does one thing while this one watches. To be made before any thread.
class Child {
 public:
  template <typename Work>
  explicit Child(Work work) : pid_(fork()) {
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      work();
      _exit(0);
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n';
      _exit(1);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  /// Waits for its end; false when it did not end well, or not at all.
  bool ends_well() {
    int status = 0;
    if (!eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) return false;
    pid_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t pid_;
};

}  // namespace contend::test
