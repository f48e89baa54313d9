// Waking a loop from another thread (eventfd(2)).
#include "engines/coro/mailbox.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace contend::coro {

Mailbox::Mailbox(Loop& loop)
    : loop_(loop), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), watch_{.fd = event_.get()} {
  if (!event_) throw_errno("eventfd");
  watch_.ready = 0;
  loop_.add(watch_);
  loop_.spawn(deliver());
}

Mailbox::~Mailbox() {
  loop_.remove(watch_);
}

void Mailbox::post(Callback& letter) noexcept {
  // Within the lock, so that the loop can't be done with this letter, and gone, before the write.
  const std::lock_guard lock(mutex_);
  letters_.push_back(letter);
  if (&letters_.front() == &letter) eventfd_write(event_.get(), 1);
}

Coroutine<> Mailbox::deliver() {
  for (;;) {
    co_await loop_.ready(watch_, Watch::readable);
    watch_.ready = 0;
    deliver_once();
  }
}

void Mailbox::deliver_once() {
  Callbacks letters;
  {
    const std::lock_guard lock(mutex_);
    eventfd_t count = 0;
    eventfd_read(event_.get(), &count);
    letters.swap(letters_);
  }
  while (!letters.empty()) {
    Callback& letter = letters.front();
    letters.pop_front();
    --expected_;
    letter.fire();
  }
}

void Mailbox::await_all() {
  while (expected_ > 0) {
    pollfd entry{.fd = event_.get(), .events = POLLIN, .revents = 0};
    ::poll(&entry, 1, -1);
    deliver_once();
  }
}

}  // namespace contend::coro
