// Telling a running engine to end (eventfd(2)).
#include "engines/stop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace contend {

StopSource::StopSource() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw_errno("eventfd");
}

void StopToken::request() const noexcept {
  if (flag_ == nullptr) return;
  const int saved = errno;  // a signal handler must leave errno as it was
  flag_->store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
  errno = saved;
}

}  // namespace contend
