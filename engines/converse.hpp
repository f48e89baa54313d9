// One conversation over a blocking socket, either side of it: what `blocking`, `threads` and `fork`
// share. Not a loop over many connections: whoever calls `converse` is busy until it is over, and
// the three engines differ in nothing but who that is.
//   contend-engine serve threads echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#pragma once

#include <span>

#include "engines/engine.hpp"

namespace contend {

/// How long a blocking call waits before it looks up to see whether it is to end. A socket's
/// timeouts (SO_RCVTIMEO, SO_SNDTIMEO in socket(7)) do this inside the call, so that a round trip
/// stays one recv and one send, with no poll beside them. Two in a row, of accept and of recv, must
/// fit into the second that an engine has for its end; and a thousand idle connections wake up a
/// thousand times in each.
inline constexpr Duration stop_tick = std::chrono::milliseconds(250);

/// When whatever is going on is to be dropped.
struct Limits {
  StopToken stop{};
  TimePoint until = TimePoint::max();
  Duration connect_within = Duration::max();  ///< A client's: see DriveOptions.

  bool reached() const {
    return stop.requested() || (until != TimePoint::max() && Clock::now() >= until);
  }
};

/// Makes accept, connect, recv and send on `fd` return after `stop_tick` at the latest.
void set_stop_ticks(int fd);

/// The next connection, with stop ticks, or an empty Fd when there was none this time: after
/// `stop_tick`, on a connection that broke before it was taken, and after a pause for lack of
/// descriptors. Counts in `report`. Throws std::system_error when `listener` is none.
Fd accept_one(const Fd& listener, ServeReport& report, StopToken stop);

/// Returns true when that time has come, false when a limit was reached first.
bool sleep_until(TimePoint time, const Limits& limits);
/// Waits until `fd` has one of `events` (poll(2)), until that time, or until a limit is reached.
/// Returns what `fd` has, POLLERR and POLLHUP included; 0 if that is nothing.
short wait_for(int fd, short events, TimePoint until, const Limits& limits);

/// A server's side: plays a session of `service` on `connection` until either side closes it or a
/// limit is reached. `buffer` is what is received into, and the caller's for the sake of its stack.
/// While there is no memory for the session, the connection waits; where a conversation runs out of
/// memory, it ends.
void answer(Fd connection, Service& service, std::span<std::byte> buffer, const Limits& limits);

/// A client's side: connects, and again each time that the session asks for it.
void converse(const Endpoint& endpoint, Session& session, std::span<std::byte> buffer,
              const Limits& limits);

/// Takes the job up, waits as long as it asks for, and performs it, unless stopped before.
void play(Job& job, StopToken stop);

}  // namespace contend
