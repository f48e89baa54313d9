// A session's conversation as a coroutine: the same for a server's and a client's side.
#pragma once

#include <memory>
#include <utility>

#include "engines/coro/sleep.hpp"
#include "engines/net.hpp"
#include "workloads/session.hpp"

namespace contend::coro {

/// How many connections a server has; whoever waits for one to end is woken by it.
class ConnectionSlots {
 public:
  explicit ConnectionSlots(Loop& loop) : loop_(loop) {}

  /// Held by a connection as long as it lives.
  class Slot {
   public:
    Slot() = default;
    explicit Slot(ConnectionSlots& slots) : slots_(&slots) { ++slots.taken_; }
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ == nullptr) return;
      --slots_->taken_;
      if (slots_->waiting_ != nullptr) slots_->waiting_->cut_short();
    }

   private:
    ConnectionSlots* slots_ = nullptr;
  };

  unsigned taken() const { return taken_; }
  /// Ends when a connection has ended, or `when` has come. For one who waits.
  Coroutine<> room_or(TimePoint when) {
    Sleep room(loop_, when);
    waiting_ = &room;
    co_await room;
    waiting_ = nullptr;
  }

 private:
  Loop& loop_;
  unsigned taken_ = 0;
  Sleep* waiting_ = nullptr;
};

/// A server's side, on an accepted non-blocking socket. Ends when the connection is closed.
Coroutine<> answer(Loop& loop, Fd accepted, std::unique_ptr<Session> session,
                   ConnectionSlots::Slot slot);
/// Where a client connects, and how long it waits for that: see DriveOptions.
struct Peer {
  const Endpoint& endpoint;
  Duration connect_within = Duration::max();
};

/// A client's side: connects, as often as the session asks for it. Ends when the session closes.
/// `peer` must outlive it.
Coroutine<> ask(Loop& loop, const Peer& peer, Session& session);

}  // namespace contend::coro
