// Standard input, output and error of a program of ours.
#include "engines/standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace contend {

void open_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free descriptor is the one that is opened (open(2)), and that is this one.
    if (open("/dev/null", O_RDWR) < 0)
      throw std::system_error(errno, std::generic_category(), "/dev/null");
  }
}

void flush_standard_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  const int reason = errno;  // of this write, or of the last call that failed
  end_if_output_is_closed();
  throw std::system_error(reason, std::generic_category(), "can't write to standard output");
}

void end_if_output_is_closed() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (std::ferror(stdout) == 0 || poll(&output, 1, 0) != 1 || (output.revents & POLLERR) == 0)
    return;
  signal(SIGPIPE, SIG_DFL);
  raise(SIGPIPE);
}

}  // namespace contend
