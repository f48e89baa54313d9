// The conversations of one loop.
#include "engines/uring/conversations.hpp"

#include <utility>

namespace contend::uring {
namespace {

// The kernel reads it when the entry is submitted, which may be later (io_uring_prep_timeout(3)).
__kernel_timespec interval{
    .tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(Conversations::sweep_interval).count()};

}  // namespace

Conversation& Conversations::add(std::unique_ptr<Conversation> conversation) {
  conversation->slot = live_.size();
  live_.push_back(std::move(conversation));
  schedule_sweep();
  return *live_.back();
}

void Conversations::end(Conversation& conversation) {
  const std::size_t slot = conversation.slot;
  std::swap(live_[slot], live_.back());
  live_[slot]->slot = slot;
  ended_.push_back(std::move(live_.back()));
  live_.pop_back();
}

void Conversations::drop() {
  for (std::size_t left = live_.size(); left > 0; --left) live_[left - 1]->drop();
}

/// As an entry of the ring: a timer of the loop would make every wait one with a timeout, which
/// costs more.
void Conversations::schedule_sweep() {
  if (is_sweep_scheduled_ || live_.empty() || loop_.buffers() == nullptr) return;
  is_sweep_scheduled_ = true;
  io_uring_prep_timeout(loop_.entry(*this, Operation::timeout), &interval, 0, 0);
}

void Conversations::completed(Operation, int, unsigned) {
  is_sweep_scheduled_ = false;
  sweep();
  schedule_sweep();
}

void Conversations::sweep() {
  quiet_.clear();
  polled_.clear();
  for (const auto& conversation : live_) {
    if (!conversation->has_fallen_quiet()) continue;
    quiet_.push_back(conversation.get());
    polled_.push_back({.fd = conversation->fd(), .events = POLLRDHUP, .revents = 0});
  }
  if (polled_.empty() || poll(polled_.data(), polled_.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < quiet_.size(); ++i)
    if (polled_[i].revents != 0) quiet_[i]->receive_anew();
}

}  // namespace contend::uring
