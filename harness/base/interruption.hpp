// Ctrl-C as a StopToken, so that what is at work can end in good order.
#pragma once

#include <signal.h>

#include <array>

#include "engines/stop.hpp"

namespace contend {

/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGUSR1 (which mpirun passes on and is not ended by)
/// request the stop instead of ending the process. One a process at a time.
class Interruption {
 public:
  /// Throws std::system_error.
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  StopToken token() const { return source_.token(); }

 private:
  StopSource source_;
  std::array<struct sigaction, 4> before_{};
};

}  // namespace contend
