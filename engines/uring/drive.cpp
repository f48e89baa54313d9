// The client's role, and so the load generator: connects sessions and plays all to their end.
#include <algorithm>
#include <deque>
#include <vector>

#include "engines/uring/conversations.hpp"
#include "engines/uring/gather.hpp"
#include "engines/uring/roles.hpp"

namespace contend::uring {
namespace {

/// More at once would overflow the backlog of servers that keep it short (100 in Python's asyncio),
/// and a dropped SYN comes back only after a second.
constexpr unsigned connecting_limit = 64;

class Driver final : public Conversation::Owner {
 public:
  Driver(Loop& loop, const Endpoint& endpoint, std::span<Session* const> sessions,
         const DriveOptions& options)
      : loop_(loop),
        endpoint_(endpoint),
        sessions_(sessions),
        options_(options),
        gather_(options.gather),
        live_(loop) {}

  void drive() {
    for (start(); !over() && !loop_.stopped() && loop_.now() < options_.until; start()) {
      loop_.turn(startable() ? loop_.now() : options_.until, gather_.next(connected()));
      live_.forget_ended();
      if (all_connected())
        gather_.learn(loop_.sent(), connected(), loop_.now());
      else
        gather_.disturbed();
    }
    live_.drop();
    for (; !live_.empty(); live_.forget_ended()) loop_.turn();
  }

 private:
  std::size_t connected() const { return live_.size() - connecting_ - unconnected_.size(); }
  bool all_connected() const {
    return connecting_ == 0 && unconnected_.empty() && next_ == sessions_.size();
  }
  bool over() const { return live_.empty() && next_ == sessions_.size(); }
  bool startable() const {
    return connecting_ < connecting_limit &&
           (!unconnected_.empty() ||
            (next_ < sessions_.size() && live_.size() < options_.max_parallel));
  }

  /// Connects those who wait for it, each at most once: a session whose attempt fails at once may
  /// want the next one at once.
  void start() {
    for (std::size_t left = unconnected_.size(); left > 0 && connecting_ < connecting_limit;
         --left) {
      Conversation& conversation = *unconnected_.front();
      unconnected_.pop_front();
      connect(conversation);
    }
    while (connecting_ < connecting_limit && live_.size() < options_.max_parallel &&
           next_ < sessions_.size())
      connect(live_.add(std::make_unique<Conversation>(loop_, *this, *sessions_[next_++])));
  }

  void connect(Conversation& conversation) {
    ++connecting_;
    conversation.connect(endpoint_, options_.connect_within);
  }

  void attempted(Conversation&) override { --connecting_; }
  void reconnects(Conversation& conversation) override { unconnected_.push_back(&conversation); }
  void ended(Conversation& conversation) override { live_.end(conversation); }

  Loop& loop_;
  const Endpoint& endpoint_;
  std::span<Session* const> sessions_;
  const DriveOptions& options_;
  Gather gather_;
  std::size_t next_ = 0;     // of the sessions, to be begun
  unsigned connecting_ = 0;  // attempts in flight
  std::deque<Conversation*> unconnected_;
  Conversations live_;
};

}  // namespace

void drive(const Endpoint& endpoint, std::span<Session* const> sessions,
           const DriveOptions& options, const Setup& setup) {
  Loop loop(setup, options.spin, options.stop);
  Driver(loop, endpoint, sessions, options).drive();
}

}  // namespace contend::uring
