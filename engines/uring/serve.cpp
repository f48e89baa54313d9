// The server's role: accepts connections and holds a conversation on each.
#include <algorithm>
#include <cerrno>
#include <deque>
#include <new>
#include <vector>

#include "engines/uring/conversations.hpp"
#include "engines/uring/roles.hpp"
#include "engines/workers.hpp"

namespace contend::uring {
namespace {

/// One loop's share: a listener and the connections that came by it.
class Server final : public Conversation::Owner, private Receiver, private Timer {
 public:
  Server(Loop& loop, Fd listener, Service& service, unsigned max_connections)
      : Timer(&Server::on_due),
        loop_(loop),
        listener_(std::move(listener)),
        service_(service),
        max_connections_(max_connections),
        live_(loop) {}

  ServeReport serve() {
    accept();
    while (!loop_.stopped()) turn();
    report_.detail = loop_.detail();
    close();
    return report_;
  }

 private:
  void turn() {
    loop_.turn();
    live_.forget_ended();
  }

  /// Accepts from now on: for ever where the kernel can, else one connection.
  void accept() {
    if (accepting_ || exhausted_ || loop_.stopped() || live_.size() >= max_connections_) return;
    accepting_ = true;
    io_uring_sqe* const entry = loop_.entry(*this, Operation::accept);
    if (loop_.setup().features.multishot_accept)
      io_uring_prep_multishot_accept(entry, listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    else
      io_uring_prep_accept(entry, listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
  }

  void completed(Operation, int result, unsigned flags) override {
    if ((flags & IORING_CQE_F_MORE) == 0) accepting_ = pausing_ = false;
    if (result >= 0) {
      ++report_.accepted;
      waiting_.emplace_back(result);
      seat();
    } else if (result != -EINTR && result != -ECONNABORTED && result != -ECANCELED) {
      // Other errors than of exhaustion are of the connection that was to be (accept(2), "Error
      // handling"); should it be another, the loop must not spin.
      if (is_exhausted(-result)) ++report_.accept_pauses;
      pause();
    }
    accept();
  }

  /// The listener is left alone for a while: its backlog holds those who connect.
  void pause() {
    exhausted_ = true;
    loop_.timers().arm(*this, loop_.now() + accept_pause);
  }

  static void on_due(Timer& timer) {
    auto& server = static_cast<Server&>(timer);
    server.exhausted_ = false;
    server.seat();
    server.accept();
  }

  /// Begins conversations as long as there is room. A multishot accept may bring more connections
  /// before it is cancelled: they wait here for one to end, as the others do in the backlog.
  void seat() {
    while (!waiting_.empty() && live_.size() < max_connections_ && !exhausted_ &&
           !loop_.stopped()) {
      std::unique_ptr<Conversation> next = new_conversation();
      if (next == nullptr) break;
      Conversation& conversation = live_.add(std::move(next));
      Fd connection = std::move(waiting_.front());
      waiting_.pop_front();
      conversation.open(std::move(connection));
    }
    if ((live_.size() >= max_connections_ || exhausted_) && accepting_ && !pausing_) {
      pausing_ = true;
      loop_.cancel(*this, Operation::accept);
    }
  }

  /// Returns null, and pauses, if there is no memory for one more.
  std::unique_ptr<Conversation> new_conversation() {
    try {
      return std::make_unique<Conversation>(loop_, *this, service_.open());
    } catch (const std::bad_alloc&) {
      ++report_.accept_pauses;
      pause();
      return nullptr;
    }
  }

  void ended(Conversation& conversation) override {
    live_.end(conversation);
    exhausted_ = false;  // its descriptor is free again
    seat();
    accept();
  }

  void close() {
    waiting_.clear();
    if (accepting_) loop_.cancel(*this, Operation::accept);
    live_.drop();
    while (accepting_ || !live_.empty()) turn();
    waiting_.clear();
  }

  Loop& loop_;
  Fd listener_;
  Service& service_;
  unsigned max_connections_;
  bool accepting_ = false;  // an accept is in flight
  bool pausing_ = false;    // and being cancelled
  bool exhausted_ = false;  // no descriptor left, or another error, a moment ago
  std::deque<Fd> waiting_;
  Conversations live_;
  ServeReport report_;
};

/// A server with its loop, which outlives it. A ring belongs to the thread that makes it
/// (SINGLE_ISSUER), and so does this.
struct Worker {
  Worker(const Setup& setup, Fd listener, Service& service, const ServeOptions& options,
         StopToken stop)
      : loop(setup, options.spin, stop),
        server(loop, std::move(listener), service, options.connections_a_worker()) {}
  ServeReport serve() { return server.serve(); }

  Loop loop;
  Server server;
};

}  // namespace

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop,
                  const Setup& setup) {
  return serve_with_workers(std::move(listener), options, stop, [&](Fd own) {
    return Worker(setup, std::move(own), service, options, stop);
  });
}

}  // namespace contend::uring
