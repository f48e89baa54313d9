// The rules, and the two kinds of sessions that answer.
#include "harness/baselines/known_answers.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace contend {
namespace {

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Counts the ends of requests in what comes, cut at any place.
class RequestEnds {
 public:
  std::size_t in(Bytes bytes) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::size_t count = 0;
    while (begun_ > 0 && !text.empty()) {
      count += goes_on_with(text.front()) ? 1 : 0;
      text.remove_prefix(1);
    }
    for (; to_next_end(text); ++count) text.remove_prefix(last_.size());
    for (std::size_t length = end.size() - 1; begun_ == 0 && length > 0; --length)
      if (text.ends_with(end.substr(0, length))) begun_ = length;
    return count;
  }

 private:
  static constexpr std::string_view end = "\r\n\r\n";

  /// Whether there is one; `last_` is then what goes up to it, mostly what it was before.
  bool to_next_end(std::string_view text) {
    if (!last_.empty() && text.starts_with(last_)) return true;
    const std::size_t at = text.find(end);
    if (at == text.npos) return false;
    last_ = text.substr(0, at + end.size());
    return true;
  }

  bool goes_on_with(char next) {
    if (next == end[begun_])
      ++begun_;
    else
      begun_ = next == end.front() ? 1 : 0;
    if (begun_ < end.size()) return false;
    begun_ = 0;
    return true;
  }

  std::size_t begun_ = 0;  // so much of an end was the last that came
  std::string last_;       // the last request, or its end, that came in one piece
};

class KnownSession final : public Session {
 public:
  explicit KnownSession(AnswerRule& rule) : rule_(rule) {}

  Step on_open() override { return {}; }
  Step on_bytes(Bytes bytes) override {
    const TimePoint now = Clock::now();
    due_.clear();
    next_ = 0;
    for (std::size_t left = ends_.in(bytes); left > 0; --left) {
      const TimePoint due = rule_.due(now);
      due_.push_back(due > now ? std::optional(due) : std::nullopt);
    }
    return on_sent();
  }
  Step on_sent() override {
    if (next_ == due_.size()) return {};
    return {.send = bytes_of(answer), .not_before = due_[next_++], .then = Step::Then::more};
  }

 private:
  AnswerRule& rule_;
  RequestEnds ends_;
  std::vector<std::optional<TimePoint>> due_;  // of the last chunk; those before next_ are sent
  std::size_t next_ = 0;
};

class KnownService final : public Service {
 public:
  explicit KnownService(std::unique_ptr<AnswerRule> rule) : rule_(std::move(rule)) {}
  std::unique_ptr<Session> open() override { return std::make_unique<KnownSession>(*rule_); }

 private:
  std::unique_ptr<AnswerRule> rule_;
};

/// So many answers lie ready, one behind the other.
constexpr std::size_t max_at_once = 256;

class PromptSession final : public Session {
 public:
  explicit PromptSession(std::string_view answers) : answers_(answers) {}

  Step on_open() override { return {}; }
  Step on_bytes(Bytes bytes) override {
    left_ = ends_.in(bytes);
    return on_sent();
  }
  Step on_sent() override {
    const std::size_t now = std::min(left_, max_at_once);
    left_ -= now;
    return {.send = bytes_of(answers_.substr(0, now * answer.size())),
            .then = left_ > 0 ? Step::Then::more : Step::Then::await_bytes};
  }

 private:
  std::string_view answers_;
  RequestEnds ends_;
  std::size_t left_ = 0;
};

class PromptService final : public Service {
 public:
  PromptService() {
    for (std::size_t i = 0; i < max_at_once; ++i) answers_ += answer;
  }
  std::unique_ptr<Session> open() override { return std::make_unique<PromptSession>(answers_); }

 private:
  std::string answers_;
};

class Exact final : public AnswerRule {
 public:
  explicit Exact(Duration delay) : delay_(delay) {}
  TimePoint due(TimePoint now) override { return now + delay_; }

 private:
  Duration delay_;
};

class Frozen final : public AnswerRule {
 public:
  Frozen(Duration period, Duration freeze)
      : period_(period), from_((period - freeze) / 2), to_(from_ + freeze) {
    if (freeze >= period)
      throw std::invalid_argument("a freeze must be shorter than the period that it is in");
  }
  TimePoint due(TimePoint now) override {
    if (!begin_) begin_ = now;
    const Duration into = (now - *begin_) % period_;
    return into >= from_ && into < to_ ? now + (to_ - into) : now;
  }

 private:
  Duration period_, from_, to_;
  std::optional<TimePoint> begin_;
};

class Hundredth final : public AnswerRule {
 public:
  explicit Hundredth(Duration delay) : delay_(delay) {}
  TimePoint due(TimePoint now) override { return ++count_ % 100 == 0 ? now + delay_ : now; }

 private:
  Duration delay_;
  std::uint64_t count_ = 0;
};

class Capacity final : public AnswerRule {
 public:
  explicit Capacity(double rate_per_s)
      : gap_(std::chrono::round<Duration>(std::chrono::duration<double>(1 / rate_per_s))) {}
  TimePoint due(TimePoint now) override {
    last_ = std::max(now, last_ + gap_);
    return last_;
  }

 private:
  Duration gap_;
  TimePoint last_{};
};

}  // namespace

std::unique_ptr<AnswerRule> exact_rule(Duration delay) {
  return std::make_unique<Exact>(delay);
}
std::unique_ptr<AnswerRule> frozen_rule(Duration period, Duration freeze) {
  return std::make_unique<Frozen>(period, freeze);
}
std::unique_ptr<AnswerRule> hundredth_rule(Duration delay) {
  return std::make_unique<Hundredth>(delay);
}
std::unique_ptr<AnswerRule> capacity_rule(double rate_per_s) {
  return std::make_unique<Capacity>(rate_per_s);
}

std::unique_ptr<Service> known_service(std::unique_ptr<AnswerRule> rule) {
  return std::make_unique<KnownService>(std::move(rule));
}
std::unique_ptr<Service> prompt_service() {
  return std::make_unique<PromptService>();
}

}  // namespace contend
