// How a running engine is told to end: a flag to look at and a descriptor to wait on.
#pragma once

#include <atomic>

#include "engines/net.hpp"
#include "workloads/shared_array.hpp"

namespace contend {

/// A copyable view of a StopSource, which must outlive it. Works in forked children too.
class StopToken {
 public:
  StopToken() = default;  ///< Never stops; `fd()` is -1.
  StopToken(std::atomic<bool>* flag, int fd) : flag_(flag), fd_(fd) {}

  bool requested() const noexcept {
    return flag_ != nullptr && flag_->load(std::memory_order_relaxed);
  }
  /// Borrowed; readable from the request on and never read by anyone, or -1.
  int fd() const noexcept { return fd_; }
  /// Makes the request, so that one who fails ends all who have this token. As
  /// StopSource::request; does nothing if there is no source.
  void request() const noexcept;

 private:
  std::atomic<bool>* flag_ = nullptr;
  int fd_ = -1;
};

class StopSource {
 public:
  /// Throws std::system_error when there is no descriptor or memory left.
  StopSource();
  StopToken token() const { return {&flag_[0], event_.get()}; }
  /// May be called from a signal handler, from any thread, and more than once.
  void request() noexcept { token().request(); }

 private:
  mutable SharedArray<std::atomic<bool>> flag_{1};  // a token may set it
  Fd event_;
};

}  // namespace contend
