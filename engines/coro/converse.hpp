// A session's conversation as a coroutine: the same for a server's and a client's side.
#pragma once

#include <memory>
#include <utility>

#include "engines/coro/loop.hpp"
#include "engines/net.hpp"
#include "workloads/session.hpp"

namespace contend::coro {

/// How many connections a server has; whoever waits for one to end is woken by it.
class Occupancy {
 public:
  explicit Occupancy(Loop& loop) : room_(loop) {}

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
      house_->room_.cut_short();
    }

   private:
    Occupancy* house_ = nullptr;
  };

  unsigned taken() const { return taken_; }
  /// Awaitable: a connection has ended, or `when` has come.
  auto room_or(TimePoint when) { return room_.until(when); }

 private:
  unsigned taken_ = 0;
  Sleep room_;
};

/// A server's side, on an accepted non-blocking socket. Ends when the connection is closed.
Task answer(Loop& loop, Fd accepted, std::unique_ptr<Session> session, Occupancy::Seat seat);
/// A client's side: connects, as often as the session asks for it. Ends when the session closes.
Task ask(Loop& loop, const Endpoint& endpoint, Session& session);

}  // namespace contend::coro
