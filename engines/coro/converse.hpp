// A session's conversation as a coroutine: the same for a server's and a client's side.
#pragma once

#include <memory>
#include <utility>

#include "engines/coro/sleep.hpp"
#include "engines/net.hpp"
#include "workloads/session.hpp"

namespace contend::coro {

/// How many connections a server has; whoever waits for one to end is woken by it.
class Occupancy {
 public:
  explicit Occupancy(Loop& loop) : loop_(loop) {}

  /// Held by a connection as long as it lives.
  class Seat {
   public:
    Seat() = default;
    explicit Seat(Occupancy& house) : house_(&house) { ++house.taken_; }
    Seat(Seat&& other) noexcept : house_(std::exchange(other.house_, nullptr)) {}
    Seat& operator=(Seat&&) = delete;
    ~Seat() {
      if (house_ == nullptr) return;
      --house_->taken_;
      if (house_->waiting_ != nullptr) house_->waiting_->cut_short();
    }

   private:
    Occupancy* house_ = nullptr;
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
Coroutine<> answer(Loop& loop, Fd accepted, std::unique_ptr<Session> session, Occupancy::Seat seat);
/// Where a client connects, and how long it waits for that: see DriveOptions.
struct Peer {
  const Endpoint& endpoint;
  Duration connect_within = Duration::max();
};

/// A client's side: connects, as often as the session asks for it. Ends when the session closes.
/// `peer` must outlive it.
Coroutine<> ask(Loop& loop, const Peer& peer, Session& session);

}  // namespace contend::coro
