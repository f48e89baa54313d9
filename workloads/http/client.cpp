// See client.hpp.
#include "workloads/http/client.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/backoff.hpp"
#include "workloads/http/response.hpp"

namespace contend {
namespace {

/// A right response up to this long is kept, so that those equal to it need not be parsed again.
constexpr std::size_t learned_limit_bytes = 512;

class HttpClient final : public Session {
 public:
  /// `own` is the plan where nobody else owns it.
  HttpClient(std::unique_ptr<HttpPlan> own, HttpPlan& plan, std::uint32_t client,
             Admission& admission, Recorder& recorder)
      : admission_(admission),
        recorder_(recorder),
        plan_(plan),
        own_(std::move(own)),
        random_(plan.options().seed + (std::uint64_t{client} << 32)),
        client_(client),
        backoff_(client, admission.clients()),
        kind_(&plan.kind(0)) {}

  Step on_open() override {
    parser_.reset();
    sent_on_connection_ = 0;
    in_flight_ = 0;
    server_closes_ = false;
    return next_batch(Clock::now());
  }

  Step on_bytes(Bytes bytes) override { return take(bytes, false); }
  Step on_early_bytes(Bytes bytes) override { return take(bytes, true); }

  /// Takes answers, which come `early` if not all requests have been sent. If the server has
  /// answered the last one already, it need not receive the rest of it (RFC 9112, section 9.5), so
  /// the next request goes out on a new connection.
  Step take(Bytes bytes, bool early) {
    const TimePoint now = Clock::now();
    std::string_view input(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!input.empty() && !server_closes_) {
      if (in_flight_ == 0) {
        show(ReplyError::malformed, [&] { return "nobody asked for " + beginning_of(input); });
        return give_up(ReplyError::malformed, now);
      }
      if (const std::uint64_t learned = count_learned(input); learned > 0) {
        input.remove_prefix(learned * kind_->learned.size());
        accept(now, learned);
        continue;
      }
      const bool begins = parser_.at_boundary();
      const std::string_view before = input;
      HttpPlan::Kind& kind = *kind_;
      const ResponseParser::Event event = parser_.next(input, kind_->body);
      if (event == ResponseParser::Event::incomplete) break;
      if (event == ResponseParser::Event::malformed) {
        show(ReplyError::malformed, [&] { return beginning_of(before); });
        return give_up(ReplyError::malformed, now);
      }
      if (judge(now, before) && begins) learn(kind, before.substr(0, before.size() - input.size()));
    }
    if (early && in_flight_ == 0) return reconnect(now);
    return go_on(now);
  }

  Step on_sent() override { return send_batch(Clock::now()); }
  Step on_timeout() override { return give_up(ReplyError::timed_out, Clock::now()); }

  Step on_failure(Failure failure) override {
    const TimePoint now = Clock::now();
    if (is_idle_end(failure)) return retry(now);
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
  /// How many responses equal to one that was parsed come next, whole. The parser stands at the
  /// same place, between two responses, as it did then, and would come to the same end; so it can
  /// be passed by.
  std::uint64_t count_learned(std::string_view input) const {
    const std::string& learned = kind_->learned;
    if (learned.empty() || !parser_.at_boundary()) return 0;
    const std::uint64_t most = plan_.has_choice() ? 1 : in_flight_;
    std::uint64_t count = 0;
    for (; count < most && input.starts_with(learned); ++count) input.remove_prefix(learned.size());
    return count;
  }

  void learn(HttpPlan::Kind& kind, std::string_view response) const {
    if (parser_.keep_alive() && parser_.is_plain() && response.size() <= learned_limit_bytes)
      kind.learned = response;
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
      accept(now, 1);
      return true;
    }
    if (status_is_right())
      show(ReplyError::wrong_body, [&] { return beginning_of(bytes); });
    else
      show(ReplyError::wrong_status, [&] { return fmt::format("{}", parser_.status()); });
    recorder_.failed(exchange(now),
                     status_is_right() ? ReplyError::wrong_body : ReplyError::wrong_status);
    end_oldest(1);
    is_failing_ = true;
    return false;
  }

  bool status_is_right() const {
    const int status = parser_.status();
    return kind_->status == 0 ? status >= 200 && status < 400 : status == kind_->status;
  }

  /// The oldest of those in flight, or one that was never sent.
  Exchange exchange(TimePoint now) const {
    return {.client = client_,
            .kind = in_flight_ > 0 && plan_.has_choice() ? chosen_[chosen_.size() - in_flight_] : 0,
            .sent = in_flight_ > 0 ? sent_ : TimePoint{},
            .answered = now};
  }

  void end_oldest(std::uint64_t count) {
    in_flight_ -= count;
    if (in_flight_ > 0 && plan_.has_choice()) expect_oldest();
  }
  void expect_oldest() { kind_ = &plan_.kind(chosen_[chosen_.size() - in_flight_]); }

  /// So many of one kind.
  void accept(TimePoint now, std::uint64_t count) {
    recorder_.replied_all(exchange(now), count);
    end_oldest(count);
    if (is_failing_) backoff_.reset();
    is_failing_ = false;
  }

  Step go_on(TimePoint now) {
    if (in_flight_ == 0) return next_batch(now);
    if (server_closes_) return give_up(ReplyError::closed_early, now);
    const Duration left = sent_ + plan_.options().reply_within - now;
    if (left <= Duration::zero()) return give_up(ReplyError::timed_out, now);
    return {.reply_within = left};
  }

  /// How many may be in flight at once, on this connection.
  std::uint64_t room() const {
    const HttpClientOptions& options = plan_.options();
    if (options.requests_per_connection == 0) return options.pipeline;
    return std::min<std::uint64_t>(options.pipeline,
                                   options.requests_per_connection - sent_on_connection_);
  }

  /// Holds the next request until it is due, then sends all that are.
  Step next_batch(TimePoint now) {
    if (server_closes_ || room() == 0) return reconnect(now);
    if (!held_) {
      if (!admission_.admit(client_, 0)) return {.then = Step::Then::close};
      held_ = admission_.take(client_, now);
    }
    if (*held_ > now) return {.not_before = held_, .then = Step::Then::more, .early_input = true};
    return send_batch(now);
  }

  /// A server may close a connection that is idle (RFC 9112, section 9.3): nothing has failed.
  bool is_idle_end(const Failure& failure) const {
    return held_ && in_flight_ == 0 &&
           (failure.kind == Failure::Kind::closed || failure.kind == Failure::Kind::reset);
  }

  /// One has been taken.
  Step send_batch(TimePoint now) {
    held_.reset();
    in_flight_ = 1 + admission_.take_more(client_, 1, room() - 1, now);
    sent_on_connection_ += in_flight_;
    sent_ = now;
    const std::string_view batch = plan_.batch().empty() ? compose() : same();
    return {.send = std::as_bytes(std::span(batch)),
            .reply_within = plan_.options().reply_within,
            .early_input = true};
  }

  std::string_view same() const {
    const std::string& most = plan_.batch();
    return std::string_view(most).substr(0, most.size() / plan_.options().pipeline * in_flight_);
  }

  /// Requests that are chosen, or that differ.
  std::string_view compose() {
    composed_.clear();
    chosen_.clear();
    for (std::uint64_t i = 0; i < in_flight_; ++i) {
      const std::size_t number = plan_.has_choice() ? plan_.choose(random_) : 0;
      const RequestTemplate& request = plan_.kind(number).request;
      RequestTemplate::Values values{.connection = client_};
      if (request.is_numbered())
        values.sequence = plan_.options().sequence->fetch_add(plan_.options().sequence_step,
                                                              std::memory_order_relaxed);
      request.append_to(composed_, values, random_);
      if (plan_.has_choice()) chosen_.push_back(static_cast<std::uint32_t>(number));
    }
    if (plan_.has_choice()) expect_oldest();
    return composed_;
  }

  /// Every request without its answer has failed, and this connection can't be trusted any more.
  /// Where none is in flight, what failed is the connecting, or bytes came that nobody asked for.
  Step give_up(ReplyError error, TimePoint now) {
    do {
      recorder_.failed(exchange(now), error);
      in_flight_ -= in_flight_ > 0 ? 1 : 0;
    } while (in_flight_ > 0);
    return retry(now);
  }

  /// Connects anew, and later each time that nothing comes of it.
  Step retry(TimePoint now) {
    is_failing_ = true;
    return reconnect(now);
  }

  Step reconnect(TimePoint now) {
    if (std::exchange(held_, std::nullopt)) admission_.give_back(client_);
    if (!admission_.admit(client_, 0)) return {.then = Step::Then::close};
    std::optional<TimePoint> not_before;
    if (is_failing_) not_before = now + backoff_.next();
    return {.not_before = not_before, .then = Step::Then::reconnect};
  }

  Admission& admission_;
  Recorder& recorder_;
  HttpPlan& plan_;
  std::unique_ptr<HttpPlan> own_;
  ResponseParser parser_;
  TimePoint sent_{};
  std::uint64_t sent_on_connection_ = 0;
  std::uint64_t in_flight_ = 0;
  std::optional<TimePoint> held_;  // when the next request is due, which is not sent yet
  SplitMix random_;
  std::uint32_t client_;
  bool server_closes_ = false;
  bool is_failing_ = false;  // the last that happened was a failure
  Backoff backoff_;
  HttpPlan::Kind* kind_;               // of the oldest in flight
  std::vector<std::uint32_t> chosen_;  // kinds of the batch in flight, where there is a choice
  std::string composed_;               // that batch, where it is not the plan's
};

}  // namespace

std::string http_get(std::string_view path, std::string_view host) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path, host);
}

std::unique_ptr<Session> make_http_client(HttpPlan& plan, std::uint32_t client,
                                          Admission& admission, Recorder& recorder) {
  return std::make_unique<HttpClient>(nullptr, plan, client, admission, recorder);
}

std::unique_ptr<Session> make_http_client(const HttpClientOptions& options, std::uint32_t client,
                                          Admission& admission, Recorder& recorder) {
  auto plan = std::make_unique<HttpPlan>(options);
  HttpPlan& used = *plan;
  return std::make_unique<HttpClient>(std::move(plan), used, client, admission, recorder);
}

}  // namespace contend
