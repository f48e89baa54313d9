// A session's conversation as a state machine of completions: the same for a server's and a
// client's side.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "engines/net.hpp"
#include "engines/uring/loop.hpp"

namespace contend::uring {

class alignas(64) Conversation final : private Receiver {
 public:
  /// Whoever opened it. Calls come from within a turn of the loop.
  class Owner {
   public:
    /// The attempt to connect is over, whatever came of it.
    virtual void attempted(Conversation&) {}
    /// The session wants a new connection, now.
    virtual void reconnects(Conversation&) {}
    /// It is over and nothing is in flight; to be destroyed after this turn.
    virtual void ended(Conversation&) = 0;

   protected:
    ~Owner() = default;
  };

  Conversation(Loop& loop, Owner& owner, Session& session);
  /// `session` lives as long as the conversation.
  Conversation(Loop& loop, Owner& owner, std::unique_ptr<Session> session);

  /// A server's side: the connection is there.
  void open(Fd connection);
  /// A client's side: makes a connection, or fails when that takes longer than `within`. `endpoint`
  /// must outlive the conversation.
  void connect(const Endpoint& endpoint, Duration within);
  /// Ends it without another word to the session, which may take some turns.
  void drop();

  /// For a search, at intervals, for ends that the kernel has not reported: returns true in the
  /// second call after the last receive, once, if it still receives.
  bool has_fallen_quiet();
  int fd() const { return fd_; }
  /// Ends the receive and begins another one, which finds what the first has missed.
  void receive_anew() { loop_.cancel(*this, Operation::receive); }

  /// Where the owner keeps it.
  std::size_t slot = 0;

 private:
  enum class Phase : std::uint8_t {
    unconnected,  // not yet, or not any more and about to be again
    connecting,
    holding,   // a step, until its not_before
    sending,   // the step's bytes
    awaiting,  // the peer's
    lingering,
    closing,      // until the last operation has completed
    backing_off,  // before the owner hears that the session reconnects
    ended
  };

  void completed(Operation operation, int result, unsigned flags) override;
  void due();

  void run_command();
  bool hold();
  bool send();
  bool proceed();
  bool await_bytes();
  bool take_from_backlog();
  void linger();
  void fail(Failure failure);
  void hear_early(const Step& answer);
  void end_with(const Step& answer);
  void shut();
  void settle();

  void connected(int result);
  void sent(int result);
  void received(int result, unsigned flags);
  void take(Bytes bytes, unsigned flags);
  void discard(std::size_t count);
  void keep(Bytes received);
  void receive();

  /// Whether the session takes what comes before its step is done.
  bool takes_early_input() const {
    return step_.early_input && (phase_ == Phase::holding || phase_ == Phase::sending);
  }
  bool in_flight(Operation operation) const { return (in_flight_ & bit_of(operation)) != 0; }
  io_uring_sqe* entry(Operation operation) {
    in_flight_ |= bit_of(operation);
    return loop_.entry(*this, operation);
  }
  static std::uint32_t bit_of(Operation operation) {
    return 1U << static_cast<unsigned>(operation);
  }
  void set_deadline(TimePoint when);
  void limit_reply();

  /// Longer sends out of a receive buffer go to the heap.
  static constexpr std::size_t inline_bytes = 256;
  /// Where the kernel has no provided buffers.
  static constexpr std::size_t own_buffer_bytes = 4096;

  /// The timer of the deadline; it may be armed for an earlier time.
  struct Alarm : Timer {
    explicit Alarm(Conversation& owner)
        : Timer([](Timer& timer) { static_cast<Alarm&>(timer).conversation.due(); }),
          conversation(owner) {}
    Conversation& conversation;
  };

  // In the order of use, so that a message in and its answer out touch four cache lines: with a few
  // dozen connections, what else would have to come from the second-level cache costs more than
  // the code that looks at it.
  Loop& loop_;
  Session& session_;
  // A bit an operation. Not in one word with phase_: g++ would read both at once, just after each
  // was written, and such a read waits until both have left the processor's store buffer.
  std::uint32_t in_flight_ = 0;
  int fd_ = -1;
  Phase phase_ = Phase::unconnected;
  bool again_ = false;              // after closing: reconnect
  bool pausing_ = false;            // the receive is being cancelled, since the backlog is full
  bool on_heap_ = false;            // in_hand_ or backlog_ may hold something
  std::uint8_t searches_left_ = 0;  // until it has fallen quiet
  TimePoint deadline_ = TimePoint::max();
  std::optional<Failure> end_;                 // how receiving ended; told after the backlog
  Step step_;                                  // what is being carried out
  std::vector<std::byte> in_hand_;             // received bytes that the session has
  std::vector<std::byte> backlog_;             // and those that it will get next
  std::array<std::byte, inline_bytes> short_;  // a short send, out of a receive buffer
  Owner& owner_;
  std::unique_ptr<Session> owned_;
  std::size_t discarded_ = 0;  // while lingering
  Alarm alarm_{*this};
};

}  // namespace contend::uring
