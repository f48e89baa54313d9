// Waking a loop from another thread (eventfd(2)).
#include "engines/coro/mailbox.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace contend::coro {

Mailbox::Mailbox() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), watch_{.fd = event_.get()} {
  if (!event_) throw_errno("eventfd");
  watch_.ready = 0;
}

void Mailbox::post(Callback& message) noexcept {
  // Within the lock, so that the loop can't be done with this message, and gone, before the write.
  const std::lock_guard lock(mutex_);
  messages_.push_back(message);
  if (&messages_.front() == &message) eventfd_write(event_.get(), 1);
}

void Mailbox::deliver() {
  Callbacks messages;
  {
    const std::lock_guard lock(mutex_);
    eventfd_t count = 0;
    eventfd_read(event_.get(), &count);
    messages.swap(messages_);
  }
  while (!messages.empty()) {
    Callback& message = messages.front();
    messages.pop_front();
    --expected_;
    message.fire();
  }
}

void Mailbox::await_all() {
  while (expected_ > 0) {
    pollfd entry{.fd = event_.get(), .events = POLLIN, .revents = 0};
    ::poll(&entry, 1, -1);
    deliver();
  }
}

}  // namespace contend::coro
