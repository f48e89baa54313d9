// The conversations of one loop, and the search for those whose end the kernel has not reported.
#pragma once

#include <poll.h>

#include <memory>
#include <vector>

#include "engines/uring/conversation.hpp"

namespace contend::uring {

/// A multishot receive can miss the end of its connection: if bytes and a reset arrive together,
/// one receive takes the bytes, and the kernel (seen with Linux 6.18) takes the event for handled
/// and completes nothing more. Every `sweep_interval` this class therefore asks poll(2) about the
/// connections that have received something and have been quiet since the last sweep: once each, so
/// that neither a busy nor an idle connection costs anything. A poll entry in the ring for each
/// connection would cost memory and two completions a connection.
class Conversations final : private Receiver {
 public:
  static constexpr Duration sweep_interval = std::chrono::milliseconds(100);

  /// The loop must outlive it, and must not turn after it is destroyed.
  explicit Conversations(Loop& loop) : loop_(loop) {}

  Conversation& add(std::unique_ptr<Conversation> conversation);
  /// For Owner::ended: keeps it until `forget_ended`.
  void end(Conversation& conversation);
  /// After a turn: destroys those that have ended.
  void forget_ended() { ended_.clear(); }
  /// Ends all. The loop has to turn until it is empty.
  void drop();

  std::size_t size() const { return live_.size(); }
  bool empty() const { return live_.empty(); }

 private:
  void completed(Operation operation, int result, unsigned flags) override;
  void sweep();
  void schedule_sweep();

  Loop& loop_;
  bool is_sweep_scheduled_ = false;
  std::vector<std::unique_ptr<Conversation>> live_, ended_;
  std::vector<Conversation*> quiet_;
  std::vector<pollfd> polled_;  // in the same order
};

}  // namespace contend::uring
