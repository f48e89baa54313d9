// echo: the server returns what came, in order; the client sends messages, `pipeline` at a time,
// and checks every byte of the answers. No delimiters: the client knows what it sent. Try it:
//   contend-engine serve epoll echo --listen 127.0.0.1:7777     and   nc 127.0.0.1 7777
#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "workloads/backoff.hpp"
#include "workloads/workload.hpp"

namespace contend {
namespace {

/// The most bytes that a client has in flight.
constexpr std::size_t in_flight_limit_bytes = 128 * 1024;

/// Where in the pattern a batch may begin. Few enough that short messages stay in the L1 cache.
constexpr std::size_t pattern_starts = 4096;

constexpr ParameterSpec parameters[] = {
    {"size_bytes", 64, 1, 65536, "length of a message"},
    {"pipeline", 1, 1, 1024,
     "messages sent at once, then awaited; with size_bytes at most 128 KiB"},
    {"requests_per_connection", 0, 0, 1'000'000'000, "then connect anew; 0: never, 1: churn"},
    {"idle_connections", 0, 0, 100'000, "connections held open beside those that talk"},
    {"requests", 1, 1, 1'000'000, "messages of each client, where a drive has an end"},
    {"timeout_ms", 5000, 1, 3'600'000, "an answer that takes longer is given up"},
};

class EchoServer final : public Session {
 public:
  Step on_open() override { return {}; }
  Step on_bytes(Bytes bytes) override { return {.send = bytes}; }
};

class EchoService final : public Service {
 public:
  std::unique_ptr<Session> open() override { return std::make_unique<EchoServer>(); }
};

/// The bytes that all clients send, made once. Neighbouring bytes always differ and each batch
/// begins one byte further on, so that a message equals neither the one beside it nor the one
/// before it in its place: bytes and messages that are lost, doubled or swapped are seen.
const std::byte* pattern() {
  static const auto bytes = [] {
    std::array<std::byte, in_flight_limit_bytes + pattern_starts> made{};
    std::uint64_t state = 1;
    std::byte last{};
    for (std::byte& byte : made) {
      state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX generator
      byte = static_cast<std::byte>(state >> 56);
      if (byte == last) byte ^= std::byte{0x5a};
      last = byte;
    }
    return made;
  }();
  return bytes.data();
}

class EchoClient final : public Session {
 public:
  EchoClient(const Parameters& given, std::uint32_t client, Admission& admission,
             Recorder& recorder)
      : admission_(admission),
        recorder_(recorder),
        pattern_(pattern()),
        size_(static_cast<std::size_t>(given["size_bytes"])),
        pipeline_(static_cast<std::size_t>(given["pipeline"])),
        requests_per_connection_(static_cast<std::size_t>(given["requests_per_connection"])),
        reply_within_(std::chrono::milliseconds(given["timeout_ms"])),
        start_((client * std::size_t{97}) % pattern_starts),
        backoff_(client, admission.clients()),
        client_(client) {}

  Step on_open() override {
    sent_on_connection_ = 0;
    return next_batch(Clock::now());
  }

  Step on_bytes(Bytes bytes) override { return take(bytes, false); }
  Step on_early_bytes(Bytes bytes) override { return take(bytes, true); }

  /// Takes answers, which come `early` if not all messages have been sent.
  Step take(Bytes bytes, bool early) {
    const TimePoint now = Clock::now();
    const std::byte* const expected = pattern_ + start_ + received_;
    const std::size_t awaited = in_flight_ * size_ - received_;
    if (bytes.size() > awaited || std::memcmp(bytes.data(), expected, bytes.size()) != 0) {
      const Bytes right(expected, std::min(awaited, bytes.size()));
      receive(static_cast<std::size_t>(std::ranges::mismatch(bytes, right).in1 - bytes.begin()),
              now);
      return give_up(ReplyError::wrong_body, now);
    }
    receive(bytes.size(), now);
    if (answered_ < in_flight_) {
      const Duration left = sent_ + reply_within_ - now;
      if (left <= Duration::zero()) return give_up(ReplyError::timed_out, now);
      return {.reply_within = left};
    }
    if (early) return give_up(ReplyError::malformed, now);  // no echo: it was not sent yet
    start_ = (start_ + 1) % pattern_starts;
    backoff_.reset();
    return next_batch(now);
  }

  Step on_sent() override { return send_batch(Clock::now()); }
  Step on_timeout() override { return give_up(ReplyError::timed_out, Clock::now()); }

  /// If an idle connection ends, nothing has failed.
  Step on_failure(Failure failure) override {
    if (held_ && in_flight_ == 0 &&
        (failure.kind == Failure::Kind::closed || failure.kind == Failure::Kind::reset))
      return retry(Clock::now());
    const bool connected = in_flight_ > 0;
    ReplyError error = connected ? ReplyError::reset : ReplyError::refused;
    if (failure.kind == Failure::Kind::refused) error = ReplyError::refused;
    if (failure.kind == Failure::Kind::reset) error = ReplyError::reset;
    if (failure.kind == Failure::Kind::closed) error = ReplyError::closed_early;
    return give_up(error, Clock::now());
  }

 private:
  /// So many right bytes came. Reports the messages that they complete.
  void receive(std::size_t count, TimePoint now) {
    received_ += count;
    const std::size_t complete = received_ / size_ - answered_;
    if (complete == 0) return;
    recorder_.replied_all({.client = client_, .sent = sent_, .answered = now}, complete);
    answered_ += complete;
  }

  /// How many may be in flight at once, on this connection.
  std::size_t room() const {
    if (requests_per_connection_ == 0) return pipeline_;
    return std::min(pipeline_, requests_per_connection_ - sent_on_connection_);
  }

  /// All messages in flight have been answered. Holds the next one until it is due; those that are
  /// go out in one send.
  Step next_batch(TimePoint now) {
    in_flight_ = answered_ = received_ = 0;
    if (!held_) {
      if (!admission_.admit(client_, 0)) return {.then = Step::Then::close};
      if (room() == 0) return {.then = Step::Then::reconnect};
      held_ = admission_.take(client_, now);
    }
    if (*held_ > now) return {.not_before = held_, .then = Step::Then::more, .early_input = true};
    return send_batch(now);
  }

  /// One has been taken.
  Step send_batch(TimePoint now) {
    held_.reset();
    in_flight_ = 1 + admission_.take_more(client_, 1, room() - 1, now);
    sent_on_connection_ += in_flight_;
    sent_ = now;
    return {.send = {pattern_ + start_, in_flight_ * size_},
            .reply_within = reply_within_,
            .early_input = true};
  }

  /// Every message without its answer has failed, and this connection can't be trusted any more.
  /// Where none is in flight, what failed is the connecting, or bytes came that nobody asked for.
  Step give_up(ReplyError error, TimePoint now) {
    const std::size_t lost = in_flight_ - answered_;
    const Exchange failed{
        .client = client_, .sent = lost > 0 ? sent_ : TimePoint{}, .answered = now};
    for (std::size_t i = 0; i < std::max<std::size_t>(lost, 1); ++i)
      recorder_.failed(failed, error);
    in_flight_ = answered_ = received_ = 0;
    return retry(now);
  }

  Step retry(TimePoint now) {
    if (std::exchange(held_, std::nullopt)) admission_.give_back(client_);
    if (!admission_.admit(client_, 0)) return {.then = Step::Then::close};
    return {.not_before = now + backoff_.next(), .then = Step::Then::reconnect};
  }

  Admission& admission_;
  Recorder& recorder_;
  const std::byte* pattern_;
  std::size_t size_, pipeline_, requests_per_connection_;
  Duration reply_within_;
  std::size_t start_;          // where in the pattern this batch begins
  std::size_t in_flight_ = 0;  // messages of this batch
  std::size_t answered_ = 0;   // of them
  std::size_t received_ = 0;   // bytes of this batch's answers, all right
  std::size_t sent_on_connection_ = 0;
  TimePoint sent_{};
  std::optional<TimePoint> held_;  // when the next message is due, which is not sent yet
  Backoff backoff_;
  std::uint32_t client_;
};

std::unique_ptr<Service> service(const Parameters&) {
  return std::make_unique<EchoService>();
}

std::unique_ptr<Session> client(const Parameters& given, std::uint32_t number, Admission& admission,
                                Recorder& recorder) {
  const auto in_flight = static_cast<std::size_t>(given["size_bytes"] * given["pipeline"]);
  if (in_flight > in_flight_limit_bytes)
    throw std::invalid_argument(
        fmt::format("size_bytes times pipeline is {}, above {}; make either smaller", in_flight,
                    in_flight_limit_bytes));
  return std::make_unique<EchoClient>(given, number, admission, recorder);
}

}  // namespace

extern const Workload echo_workload{.name = "echo",
                                    .summary = "the server returns what came, byte for byte",
                                    .role = Role::serve,
                                    .parameters = parameters,
                                    .service = service,
                                    .client = client};

}  // namespace contend
