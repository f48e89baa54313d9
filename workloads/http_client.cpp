// See http_client.hpp.
#include "workloads/http_client.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "workloads/backoff.hpp"
#include "workloads/http_response.hpp"

namespace contend {
namespace {

/// A right response up to this long is kept, so that those equal to it need not be parsed again.
constexpr std::size_t learned_limit_bytes = 512;

/// A well-mixed number from any (the finaliser of splitmix64, Steele et al. 2014).
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

class HttpClient final : public Session {
 public:
  HttpClient(const HttpClientOptions& options, std::uint32_t client, Recorder& recorder)
      : recorder_(recorder),
        reply_within_(options.reply_within),
        requests_per_connection_(options.requests_per_connection),
        pipeline_(options.pipeline),
        dear_percent_(options.dear_percent),
        client_(client),
        kinds_(options.calls.size()),
        kind_(kinds_.data()) {
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      const HttpCall& call = options.calls[i];
      Kind& kind = kinds_[i];
      for (std::size_t copy = 0; copy < pipeline_; ++copy) kind.batch += call.request;
      kind.text = call.text;
      kind.body = {.text = kind.text,
                   .pattern_bytes = call.pattern_bytes,
                   .anything = call.any_body,
                   .head = call.head};
      kind.status = call.status;
    }
  }

  Step on_open() override {
    parser_.reset();
    sent_on_connection_ = 0;
    in_flight_ = 0;
    server_closes_ = false;
    return next_batch(Clock::now());
  }

  Step on_bytes(Bytes bytes) override {
    const TimePoint now = Clock::now();
    std::string_view input(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!input.empty() && !server_closes_) {
      if (in_flight_ == 0) {
        show(ReplyError::malformed, [&] { return "nobody asked for " + beginning_of(input); });
        return give_up(ReplyError::malformed, now);
      }
      if (is_learned(input)) {
        input.remove_prefix(kind_->learned.size());
        accept(now);
        continue;
      }
      const bool begins = parser_.at_boundary();
      const std::string_view before = input;
      const ResponseParser::Event event = parser_.next(input, kind_->body);
      if (event == ResponseParser::Event::incomplete) break;
      if (event == ResponseParser::Event::malformed) {
        show(ReplyError::malformed, [&] { return beginning_of(before); });
        return give_up(ReplyError::malformed, now);
      }
      if (judge(now, before) && begins) learn(before.substr(0, before.size() - input.size()));
    }
    return go_on(now);
  }

  Step on_sent() override { return send_batch(Clock::now()); }
  Step on_silence() override { return give_up(ReplyError::timed_out, Clock::now()); }

  Step on_failure(Failure failure) override {
    const TimePoint now = Clock::now();
    const bool connected = in_flight_ > 0;
    ReplyError error = connected ? ReplyError::reset : ReplyError::refused;
    if (failure.kind == Failure::Kind::refused) error = ReplyError::refused;
    if (failure.kind == Failure::Kind::reset) error = ReplyError::reset;
    if (failure.kind != Failure::Kind::closed) {
      show(error, [&] { return std::generic_category().message(failure.error_number); });
      return give_up(error, now);
    }
    if (!connected || parser_.finish(kind_->body) != ResponseParser::Event::complete)
      return give_up(ReplyError::closed_early, now);
    judge(now, {});
    return go_on(now);
  }

 private:
  struct Kind {
    std::string batch;  // the request, as often as it is pipelined
    std::string text;
    ExpectedBody body;
    int status = 200;     // 0: any from 200 to 399
    std::string learned;  // a whole response, which was right
  };

  /// Whether a response equal to one that was parsed comes next, whole. The parser stands at the
  /// same place, between two responses, as it did then, and would come to the same end; so it can
  /// be passed by.
  bool is_learned(std::string_view input) const {
    const std::string& learned = kind_->learned;
    return !learned.empty() && parser_.at_boundary() && input.starts_with(learned);
  }

  void learn(std::string_view response) {
    if (parser_.keep_alive() && parser_.is_plain() && response.size() <= learned_limit_bytes)
      kind_->learned = response;
  }

  template <typename Text>
  void show(ReplyError error, const Text& text) {
    if (recorder_.wants_example(error)) recorder_.show(error, text());
  }
  static std::string beginning_of(std::string_view bytes) {
    constexpr std::size_t shown_bytes = 60;
    return fmt::format("{:?}{}", bytes.substr(0, shown_bytes),
                       bytes.size() > shown_bytes ? " ..." : "");
  }

  /// Reports a complete response, whose last bytes `bytes` begins with; whether it was right.
  bool judge(TimePoint now, std::string_view bytes) {
    server_closes_ = !parser_.keep_alive();
    if (status_is_right() && parser_.body_is_right()) {
      accept(now);
      return true;
    }
    if (status_is_right())
      show(ReplyError::wrong_body, [&] { return beginning_of(bytes); });
    else
      show(ReplyError::wrong_status, [&] { return fmt::format("{}", parser_.status()); });
    recorder_.failed(exchange(now),
                     status_is_right() ? ReplyError::wrong_body : ReplyError::wrong_status);
    --in_flight_;
    is_failing_ = true;
    return false;
  }

  bool status_is_right() const {
    const int status = parser_.status();
    return kind_->status == 0 ? status >= 200 && status < 400 : status == kind_->status;
  }

  /// One of those in flight, or of none that was sent.
  Exchange exchange(TimePoint now) const {
    return {.client = client_,
            .kind = static_cast<std::uint8_t>(kind_ - kinds_.data()),
            .sent = in_flight_ > 0 ? sent_ : TimePoint{},
            .answered = now};
  }

  void accept(TimePoint now) {
    recorder_.replied(exchange(now));
    --in_flight_;
    if (is_failing_) backoff_.reset();
    is_failing_ = false;
  }

  Step go_on(TimePoint now) {
    if (in_flight_ == 0) return next_batch(now);
    if (server_closes_) return give_up(ReplyError::closed_early, now);
    const Duration left = sent_ + reply_within_ - now;
    if (left <= Duration::zero()) return give_up(ReplyError::timed_out, now);
    return {.reply_within = left};
  }

  /// How many may be in flight at once, on this connection.
  std::uint64_t room() const {
    if (requests_per_connection_ == 0) return pipeline_;
    return std::min<std::uint64_t>(pipeline_, requests_per_connection_ - sent_on_connection_);
  }

  /// Holds the next request until it is due, then sends all that are.
  Step next_batch(TimePoint now) {
    if (server_closes_ || room() == 0) return reconnect(now);
    if (!recorder_.goes_on(client_, 0)) return {.then = Step::Then::close};
    const TimePoint due = recorder_.claim(client_);
    if (due > now) return {.not_before = due, .then = Step::Then::more};
    return send_batch(now);
  }

  /// One has been claimed.
  Step send_batch(TimePoint now) {
    const std::uint64_t most = room();
    for (in_flight_ = 1; in_flight_ < most && recorder_.goes_on(client_, in_flight_); ++in_flight_)
      recorder_.claim(client_);
    sent_on_connection_ += in_flight_;
    sent_ = now;
    if (kinds_.size() > 1) choose_kind();
    const std::size_t size = kind_->batch.size() / pipeline_ * in_flight_;
    return {.send = std::as_bytes(std::span(kind_->batch).first(size)),
            .reply_within = reply_within_};
  }

  void choose_kind() {
    const bool is_dear = mix((std::uint64_t{client_} << 32) + chosen_++) % 100 < dear_percent_;
    kind_ = &kinds_[is_dear ? 1 : 0];
  }

  /// Every request without its answer has failed, and this connection can't be trusted any more.
  /// Where none is in flight, what failed is the connecting, or bytes came that nobody asked for.
  Step give_up(ReplyError error, TimePoint now) {
    for (std::uint64_t lost = std::max<std::uint64_t>(in_flight_, 1); lost > 0; --lost)
      recorder_.failed(exchange(now), error);
    in_flight_ = 0;
    is_failing_ = true;
    return reconnect(now);
  }

  Step reconnect(TimePoint now) {
    if (!recorder_.goes_on(client_, 0)) return {.then = Step::Then::close};
    std::optional<TimePoint> not_before;
    if (is_failing_) not_before = now + backoff_.next();
    return {.not_before = not_before, .then = Step::Then::reconnect};
  }

  Recorder& recorder_;
  ResponseParser parser_;
  TimePoint sent_{};
  Duration reply_within_;
  std::uint64_t requests_per_connection_, sent_on_connection_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint32_t pipeline_, dear_percent_, client_;
  std::uint32_t chosen_ = 0;  // how often a kind was
  bool server_closes_ = false;
  bool is_failing_ = false;  // the last that happened was a failure
  Backoff backoff_;
  std::vector<Kind> kinds_;
  Kind* kind_;  // of what is in flight
};

}  // namespace

std::string http_get(std::string_view path, std::string_view host) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path, host);
}

std::unique_ptr<Session> make_http_client(const HttpClientOptions& options, std::uint32_t client,
                                          Recorder& recorder) {
  if (options.calls.empty() || options.calls.size() > 2 || options.pipeline == 0 ||
      (options.calls.size() > 1 && options.pipeline > 1))
    throw std::invalid_argument(
        "an http client has one call, pipelined or not, or two that aren't");
  return std::make_unique<HttpClient>(options, client, recorder);
}

}  // namespace contend
