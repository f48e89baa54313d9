// One connection's protocol as bytes in, bytes out. A session does no I/O and knows no engine;
// every engine holds the same conversation with it: open, send, receive, repeat.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace contend {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC
using TimePoint = Clock::time_point;
using Duration = Clock::duration;
using Bytes = std::span<const std::byte>;

/// Why a conversation can't go on.
struct Failure {
  enum class Kind : std::uint8_t {
    refused,  ///< The connection was never made.
    reset,    ///< The peer or the network broke it (ECONNRESET, EPIPE, ETIMEDOUT).
    closed,   ///< The peer sent its last byte, in good order.
    other,    ///< Anything else; `error_number` says what.
  };
  Kind kind = Kind::other;
  int error_number = 0;  ///< errno, or 0 where there is none.
};

/// What a connection wants next. The engine carries it out in this order: wait until `not_before`,
/// send all of `send`, then do `then`.
struct Step {
  enum class Then : std::uint8_t {
    await_bytes,  ///< Receive, and hand what came to `on_bytes`.
    more,         ///< There is more to say: call `on_sent` as soon as `send` has gone out. Where
                  ///< there is nothing to send, it is only waited, and an engine may call
                  ///< `on_failure` as soon as the connection ends, before the wait does.
    close,        ///< Close at once. Right where nothing unread can be left.
    linger,       ///< Half-close, discard input until the peer closes or `linger_limit`, close;
             ///< so that an error reply is not destroyed by the reset that unread input causes.
    reconnect,  ///< Client only: close, connect again, call `on_open`.
  };
  Bytes send{};                           ///< Borrowed until the next call on this session; it may
                                          ///< point into the bytes that `on_bytes` was given, which
                                          ///< the engine therefore keeps until then.
  std::optional<TimePoint> not_before{};  ///< Hold everything until then (pacing, server delay).
  std::optional<Duration> reply_within{};  ///< With `await_bytes`: call `on_silence` when nothing
                                           ///< came for this long after the send.
  Then then = Then::await_bytes;
};

/// How long, and for how many bytes, `Step::Then::linger` goes on discarding.
inline constexpr Duration linger_limit = std::chrono::milliseconds(500);
inline constexpr std::size_t linger_limit_bytes = 1 << 20;

/// Makes `step` what `ask()` returns, where it stands. An assignment would copy it in whole vectors
/// out of the fields that the session has just written one by one, which no processor forwards from
/// its store buffer: 5 to 15 ns a message. `step` must not be used by `ask`.
template <typename Ask>
void renew(Step& step, Ask&& ask) {
  static_assert(std::is_trivially_destructible_v<Step>);
  ::new (static_cast<void*>(&step)) Step(std::forward<Ask>(ask)());
}

/// One connection, either side of it. Calls come one after another, never two at once; an engine
/// may make them from different threads only with a happens-before between them. No call may throw.
class Session {
 public:
  virtual ~Session() = default;

  /// The connection is there. A client speaks first; a server's step just awaits.
  virtual Step on_open() = 0;
  /// Some bytes came, at least one, cut at any place.
  virtual Step on_bytes(Bytes bytes) = 0;
  /// The step that said `more` has been sent.
  virtual Step on_sent() { return {.then = Step::Then::close}; }
  /// `reply_within` ran out.
  virtual Step on_silence() { return {.then = Step::Then::close}; }
  /// The conversation failed or the peer closed. Only `not_before` and `then` of the answer count,
  /// and only `close` and `reconnect` make sense in it.
  virtual Step on_failure(Failure) { return {.then = Step::Then::close}; }
};

/// What a server says to whoever connects: one session a connection.
class Service {
 public:
  virtual ~Service() = default;
  /// Called from any thread or child process of the engine, at the same time too.
  virtual std::unique_ptr<Session> open() = 0;
};

}  // namespace contend
