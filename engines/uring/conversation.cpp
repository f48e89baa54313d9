// The conversation: hold, send, receive, and hand what came to the session. Each function prepares
// at most one operation of a kind and returns; completions carry it on.
#include "engines/uring/conversation.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

namespace contend::uring {
namespace {

/// io_uring counts a send's bytes in 32 bits.
constexpr std::size_t send_limit_bytes = 1 << 30;

/// Until the second one, at least a whole interval has passed since the last receive.
constexpr std::uint8_t searches_to_quiet = 2;

bool within(Bytes part, Bytes whole) {
  return std::less_equal<>{}(whole.data(), part.data()) &&
         std::less<>{}(part.data(), whole.data() + whole.size());
}

}  // namespace

Conversation::Conversation(Loop& loop, Owner& owner, Session& session)
    : loop_(loop), session_(session), owner_(owner) {}

Conversation::Conversation(Loop& loop, Owner& owner, std::unique_ptr<Session> session)
    : Conversation(loop, owner, *session) {
  owned_ = std::move(session);
}

void Conversation::open(Fd connection) {
  fd_ = connection.release();
  end_.reset();
  phase_ = Phase::awaiting;
  receive();
  step_ = session_.on_open();
  run_command();
}

void Conversation::connect(const Endpoint& endpoint, Duration within) {
  fd_ = client_socket(endpoint, 0).release();
  if (fd_ < 0) {
    const int error_number = errno;
    owner_.attempted(*this);
    return fail(refused(error_number));
  }
  phase_ = Phase::connecting;
  io_uring_prep_connect(entry(Operation::connect), fd_, endpoint.get(), endpoint.length);
  if (within != Duration::max()) set_deadline(loop_.now() + within);
}

void Conversation::drop() {
  again_ = false;
  if (phase_ != Phase::closing && phase_ != Phase::ended) shut();
}

/// With all that it calls in one piece: as functions of their own, these cost a third more, since
/// each does little.
[[gnu::flatten]] void Conversation::completed(Operation operation, int result, unsigned flags) {
  if ((flags & IORING_CQE_F_MORE) == 0) in_flight_ &= ~bit_of(operation);
  switch (operation) {
    case Operation::receive: received(result, flags); break;
    case Operation::send: sent(result); break;
    case Operation::connect: connected(result); break;
    default: break;
  }
  if (phase_ == Phase::closing && in_flight_ == 0) settle();
}

void Conversation::due() {
  if (deadline_ == TimePoint::max()) return;
  if (deadline_ > loop_.now()) return loop_.timers().arm(alarm_, deadline_);
  deadline_ = TimePoint::max();
  switch (phase_) {
    case Phase::holding: step_.not_before.reset(); return run_command();
    case Phase::awaiting: step_ = session_.on_timeout(); return run_command();
    case Phase::sending: return hear_early(session_.on_timeout());
    case Phase::connecting: return fail(refused(ETIMEDOUT));
    case Phase::lingering: return shut();
    case Phase::backing_off: phase_ = Phase::unconnected; return owner_.reconnects(*this);
    default: return;
  }
}

/// The heap is left alone where it would only move the timer to a later time: the timer looks at
/// the deadline when it fires, so that a time limit a request costs no heap operation a request.
void Conversation::set_deadline(TimePoint when) {
  deadline_ = std::max(when, loop_.now() + Duration(1));  // never due in the same turn
  if (!alarm_.armed() || alarm_.when() > deadline_) loop_.timers().arm(alarm_, deadline_);
}

/// Once a step: `reply_within` begins.
void Conversation::limit_reply() {
  if (step_.reply_within && deadline_ == TimePoint::max())
    set_deadline(loop_.now() + *step_.reply_within);
}

bool Conversation::has_fallen_quiet() {
  return searches_left_ > 0 && --searches_left_ == 0 && in_flight(Operation::receive) &&
         phase_ != Phase::closing;
}

/// Carries out steps as long as nothing has to be waited for.
void Conversation::run_command() {
  while (!hold() && !send() && proceed()) {
  }
}

bool Conversation::hold() {
  if (!step_.not_before || *step_.not_before <= loop_.now()) return false;
  phase_ = Phase::holding;
  set_deadline(*step_.not_before);
  if (step_.early_input) receive();
  return true;
}

bool Conversation::send() {
  if (step_.send.empty()) return false;
  phase_ = Phase::sending;
  io_uring_prep_send(entry(Operation::send), fd_, step_.send.data(),
                     std::min(step_.send.size(), send_limit_bytes), MSG_NOSIGNAL | MSG_WAITALL);
  if (step_.then == Step::Then::await_bytes) limit_reply();
  if (step_.early_input) receive();
  return true;
}

void Conversation::sent(int result) {
  if (phase_ != Phase::sending) return;
  if (result < 0 && result != -EINTR && result != -EAGAIN) return fail(failure_of(-result));
  step_.send = step_.send.subspan(static_cast<std::size_t>(std::max(result, 0)));
  step_.not_before.reset();
  run_command();
}

/// The step's bytes have been sent: does what comes then. Returns whether there is a next step.
bool Conversation::proceed() {
  switch (step_.then) {
    case Step::Then::await_bytes: return await_bytes();
    case Step::Then::more: renew(step_, [this] { return session_.on_sent(); }); return true;
    case Step::Then::linger: linger(); return false;
    case Step::Then::reconnect:
      again_ = owned_ == nullptr;
      step_.not_before.reset();
      shut();
      return false;
    case Step::Then::close: shut(); return false;
  }
  return false;
}

bool Conversation::await_bytes() {
  phase_ = Phase::awaiting;
  if (on_heap_ && take_from_backlog()) return true;
  if (end_) {
    fail(*end_);
    return false;
  }
  limit_reply();
  receive();
  return false;
}

/// Whether there was a backlog, which the session has been given. If not, no more memory is kept
/// than a receive of one's own takes.
bool Conversation::take_from_backlog() {
  if (backlog_.empty()) {
    on_heap_ = false;
    if (loop_.buffers() != nullptr && in_hand_.capacity() > own_buffer_bytes) in_hand_ = {};
    return false;
  }
  std::swap(in_hand_, backlog_);
  backlog_.clear();
  // Without provided buffers a receive would go into the memory that the session is given here.
  if (loop_.buffers() != nullptr) receive();
  deadline_ = TimePoint::max();
  renew(step_, [this] { return session_.on_bytes(in_hand_); });
  return true;
}

/// Receives from now on, unless it does already, has come to the end, or has to wait for room.
void Conversation::receive() {
  if (in_flight(Operation::receive) || end_) return;
  if (ReceiveBuffers* const buffers = loop_.buffers()) {
    if (backlog_.size() >= loop_.setup().sizes.backlog_bytes) return;
    io_uring_sqe* const made = entry(Operation::receive);
    io_uring_prep_recv_multishot(made, fd_, nullptr, 0, 0);
    made->flags |= IOSQE_BUFFER_SELECT;
    made->buf_group = ReceiveBuffers::group;
    searches_left_ = searches_to_quiet;
  } else if (phase_ == Phase::awaiting || phase_ == Phase::lingering || takes_early_input()) {
    in_hand_.resize(own_buffer_bytes);
    io_uring_prep_recv(entry(Operation::receive), fd_, in_hand_.data(), in_hand_.size(), 0);
  }
}

void Conversation::received(int result, unsigned flags) {
  if (!in_flight(Operation::receive)) pausing_ = false;
  if (result > 0) {
    ReceiveBuffers* const buffers = loop_.buffers();
    take(buffers != nullptr ? buffers->received(flags, result)
                            : Bytes(in_hand_).first(static_cast<std::size_t>(result)),
         flags);
  } else if (result == -ENOBUFS && loop_.buffers() != nullptr) {
    loop_.buffers()->ran_out();
  } else if (result != -ECANCELED && result != -EINTR && result != -EAGAIN) {
    end_ = result == 0 ? Failure{Failure::Kind::closed, 0} : failure_of(-result);
    if (phase_ == Phase::awaiting || takes_early_input()) return fail(*end_);
    if (phase_ == Phase::lingering) return shut();
  }
  if (phase_ != Phase::closing) receive();
}

/// Bytes came, in a buffer that is to be given back soon: that is, unless the session can have them
/// at once, they are copied.
void Conversation::take(Bytes bytes, unsigned flags) {
  searches_left_ = searches_to_quiet;
  ReceiveBuffers* const buffers = loop_.buffers();
  switch (phase_) {
    case Phase::awaiting: {
      deadline_ = TimePoint::max();
      renew(step_, [&] { return session_.on_bytes(bytes); });
      if (buffers != nullptr) {
        keep(bytes);
        buffers->give_back(flags);
      }
      return run_command();
    }
    case Phase::lingering: discard(bytes.size()); break;
    case Phase::holding:
    case Phase::sending:
      if (step_.early_input) {
        hear_early(session_.on_early_bytes(bytes));
        break;
      }
      on_heap_ = true;
      backlog_.insert(backlog_.end(), bytes.begin(), bytes.end());
      if (backlog_.size() >= loop_.setup().sizes.backlog_bytes && !pausing_ &&
          in_flight(Operation::receive)) {
        pausing_ = true;
        loop_.cancel(*this, Operation::receive);
      }
      break;
    default: break;
  }
  if (buffers != nullptr) buffers->give_back(flags);
}

/// Copies what the step is to send out of the receive buffer, since a peer that does not read
/// would hold that buffer for ever, and enough such peers all of them.
void Conversation::keep(Bytes received) {
  if (!within(step_.send, received)) return;
  const std::size_t size = step_.send.size();
  if (size <= short_.size()) {
    // In whole blocks, which takes a few moves where a call of memcpy would be half of what the
    // engine itself costs a round trip. What lies behind the received bytes may be copied too.
    constexpr std::size_t block = ReceiveBuffers::readable_behind;
    static_assert(inline_bytes % block == 0);
    for (std::size_t done = 0; done < size; done += block)
      std::memcpy(&short_[done], &step_.send[done], block);
    step_.send = {short_.data(), size};
  } else {
    on_heap_ = true;
    in_hand_.assign(step_.send.begin(), step_.send.end());
    step_.send = in_hand_;
  }
}

void Conversation::linger() {
  phase_ = Phase::lingering;
  discarded_ = 0;
  set_deadline(loop_.now() + linger_limit);
  if (end_ || shutdown(fd_, SHUT_WR) != 0) return shut();
  discard(std::exchange(backlog_, {}).size());
  if (phase_ == Phase::lingering) receive();
}

void Conversation::discard(std::size_t count) {
  discarded_ += count;
  if (discarded_ >= linger_limit_bytes) shut();
}

void Conversation::connected(int result) {
  owner_.attempted(*this);
  if (phase_ != Phase::connecting) return;
  if (result < 0) return fail(refused(-result));
  deadline_ = TimePoint::max();
  end_.reset();
  phase_ = Phase::awaiting;
  receive();
  step_ = session_.on_open();
  run_command();
}

void Conversation::fail(Failure failure) {
  end_with(session_.on_failure(failure));
}

/// The session was called before its step was done.
void Conversation::hear_early(const Step& answer) {
  if (answer.then != Step::Then::await_bytes) return end_with(answer);
  step_.reply_within = answer.reply_within;
  if (phase_ != Phase::sending) return;
  deadline_ = TimePoint::max();
  limit_reply();
}

void Conversation::end_with(const Step& answer) {
  step_ = answer;
  again_ = step_.then == Step::Then::reconnect && owned_ == nullptr;
  shut();
}

/// Closes the connection and takes back what is in flight. Entries are carried out in order, and
/// what is being closed stays open for the operations that hold it until they have ended.
void Conversation::shut() {
  phase_ = Phase::closing;
  deadline_ = TimePoint::max();
  backlog_.clear();
  for (const Operation operation : {Operation::connect, Operation::receive, Operation::send})
    if (in_flight(operation)) loop_.cancel(*this, operation);
  if (fd_ >= 0)
    io_uring_prep_close(entry(Operation::close), std::exchange(fd_, -1));
  else
    settle();
}

/// Nothing is in flight any more.
void Conversation::settle() {
  if (!again_) {
    phase_ = Phase::ended;
    return owner_.ended(*this);
  }
  again_ = false;
  if (step_.not_before && *step_.not_before > loop_.now()) {
    phase_ = Phase::backing_off;
    return set_deadline(*step_.not_before);
  }
  phase_ = Phase::unconnected;
  owner_.reconnects(*this);
}

}  // namespace contend::uring
