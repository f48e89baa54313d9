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
    more,         ///< There is more to say: call `on_sent` as soon as `send` has gone out.
    close,        ///< Close at once. Right where nothing unread can be left.
    linger,       ///< Half-close, discard input until the peer closes or `linger_limit`, close;
             ///< so that an error reply is not destroyed by the reset that unread input causes.
    reconnect,  ///< Client only: close, connect again, call `on_open`.
  };
  Bytes send{};  ///< Borrowed until the next call on this session, and until it has gone out or the
                 ///< connection is closed. Without `early_input` it may point into the bytes that
                 ///< `on_bytes` was given, which the engine therefore keeps until then.
  std::optional<TimePoint> not_before{};   ///< Hold everything until then (pacing, server delay).
  std::optional<Duration> reply_within{};  ///< With `await_bytes`: call `on_timeout` if nothing
                                           ///< came for this long since `not_before`, when the send
                                           ///< begins; also if the send has not ended by then.
  Then then = Then::await_bytes;
  /// Receive before the step is done, too. While `send` is going out, the engine hands what comes
  /// to `on_early_bytes`, and tells an end by `on_failure`, at once. While it holds the step, it
  /// does so as soon as it knows. (An engine need not look before it sends a step that it did not
  /// hold: that would cost a system call a step.) Without this, an engine hands over nothing until
  /// the step is done, and stops receiving, so that a peer that takes no answers can't go on
  /// asking. That is right for a server; a client that does not receive while it sends waits for
  /// ever for a server that does the same. A session asks for it in all steps that send or hold, or
  /// in none.
  bool early_input = false;
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
  /// Bytes came before the step with `early_input` was done. If the answer says `await_bytes`, the
  /// step goes on, and only `reply_within` is taken from the answer, from now on. Otherwise the
  /// rest of the step is dropped and the connection is closed; only `not_before` and `then` of the
  /// answer count, and only `close` and `reconnect` make sense in it. The same holds for the answer
  /// of `on_timeout` while `send` is going out.
  virtual Step on_early_bytes(Bytes) { return {.then = Step::Then::close}; }
  /// The step that said `more` has been sent.
  virtual Step on_sent() { return {.then = Step::Then::close}; }
  /// `reply_within` ran out.
  virtual Step on_timeout() { return {.then = Step::Then::close}; }
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
