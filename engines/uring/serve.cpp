// The server's role: accepts connections and holds a conversation on each.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <exception>
#include <latch>
#include <thread>
#include <vector>

#include "engines/uring/conversations.hpp"
#include "engines/uring/roles.hpp"

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
      // The listener is left alone: its backlog holds those who connect. Other errors than of
      // exhaustion are of the connection that was to be (accept(2), "Error handling"); should it be
      // another, the loop must not spin.
      if (is_exhausted(-result)) ++report_.accept_pauses;
      exhausted_ = true;
      loop_.timers().arm(*this, loop_.now() + accept_pause);
    }
    accept();
  }

  static void on_due(Timer& timer) {
    auto& server = static_cast<Server&>(timer);
    server.exhausted_ = false;
    server.accept();
  }

  /// Begins conversations as long as there is room. A multishot accept may bring more connections
  /// before it is cancelled: they wait here for one to end, as the others do in the backlog.
  void seat() {
    while (!waiting_.empty() && live_.size() < max_connections_ && !loop_.stopped()) {
      Conversation& conversation =
          live_.add(std::make_unique<Conversation>(loop_, *this, service_.open()));
      Fd connection = std::move(waiting_.front());
      waiting_.pop_front();
      conversation.open(std::move(connection));
    }
    if (live_.size() >= max_connections_ && accepting_ && !pausing_) {
      pausing_ = true;
      loop_.cancel(*this, Operation::accept);
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

}  // namespace

ServeReport serve(Fd listener, Service& service, const ServeOptions& options, StopToken stop,
                  const Setup& setup) {
  const unsigned workers = options.workers;
  std::vector<Fd> listeners;
  for (unsigned worker = 1; worker < workers; ++worker)
    listeners.push_back(listen_beside(listener));
  listeners.push_back(std::move(listener));

  std::vector<ServeReport> reports(workers);
  std::vector<std::exception_ptr> failures(workers);
  std::atomic<bool> failed = false;
  std::latch set_up(workers);
  // A ring belongs to the thread that makes it (SINGLE_ISSUER), so each makes its own.
  const auto work = [&](unsigned worker) {
    std::optional<Loop> loop;
    try {
      loop.emplace(setup, options.spin, stop);
    } catch (...) {
      failures[worker] = std::current_exception();
      failed = true;
    }
    set_up.arrive_and_wait();
    if (failed) return;
    try {
      Server server(*loop, std::move(listeners[worker]), service, options.connections_a_worker());
      reports[worker] = server.serve();
    } catch (...) {
      failures[worker] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
    work(0);
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  ServeReport total = std::move(reports.front());
  for (unsigned worker = 1; worker < workers; ++worker) total += reports[worker];
  return total;
}

}  // namespace contend::uring
