// Counts and histograms of a run.
#include "harness/load/recorder.hpp"

#include <algorithm>
#include <utility>

namespace contend::load {

RunRecorder::RunRecorder(std::uint32_t clients, std::uint32_t pipeline,
                         std::optional<Arrivals> arrivals, std::uint64_t requests)
    : pipeline_(pipeline),
      arrivals_(std::move(arrivals)),
      requests_(requests),
      in_flight_(clients),
      intended_(arrivals_ ? std::size_t{clients} * pipeline : 0) {}

bool RunRecorder::goes_on(std::uint32_t, std::uint64_t in_flight) {
  if (ended_.load(std::memory_order_relaxed)) return false;
  if (requests_ > 0 && claimed_ >= requests_) return false;
  if (!arrivals_) return true;
  return in_flight == 0 ? arrivals_->more() : arrivals_->has_due(Clock::now());
}

TimePoint RunRecorder::claim(std::uint32_t client) {
  claimed_ += 1;
  InFlight& mine = in_flight_[client];
  mine.count += 1;
  if (!arrivals_) return {};
  const TimePoint due = arrivals_->claim(Clock::now());
  slot(client, mine.first + mine.count - 1) = due;
  return due;
}

/// The oldest request of the client has ended.
std::optional<TimePoint> RunRecorder::take_intended(std::uint32_t client) {
  InFlight& mine = in_flight_[client];
  mine.count -= 1;
  if (!arrivals_) return std::nullopt;
  const TimePoint intended = slot(client, mine.first);
  mine.first = (mine.first + 1) % pipeline_;
  return intended;
}

void RunRecorder::replied(const Exchange& exchange) {
  const std::optional<TimePoint> intended = take_intended(exchange.client);
  service_.record(exchange.answered - exchange.sent);
  if (intended) {
    response_.record(exchange.answered - *intended);
    lag_.record(exchange.sent - *intended);
  }
  count(answered_);
}

/// What was never sent is a connection that could not be made.
void RunRecorder::failed(const Exchange& exchange, ReplyError error) {
  if (exchange.sent != TimePoint{}) take_intended(exchange.client);
  errors_[static_cast<std::size_t>(error)] += 1;
  count(failed_);
}

void RunRecorder::show(ReplyError error, std::string line) {
  examples_[static_cast<std::size_t>(error)] = std::move(line);
}

std::uint64_t RunRecorder::unsent(TimePoint now) {
  if (!arrivals_) return 0;
  const std::uint64_t waiting = arrivals_->waiting(now);
  return requests_ > 0 ? std::min(waiting, requests_ - claimed_) : waiting;
}

/// A request that was claimed before its time is not yet due.
std::uint64_t RunRecorder::unanswered(TimePoint now) const {
  std::uint64_t sum = 0;
  for (std::size_t client = 0; client < in_flight_.size(); ++client) {
    const InFlight& mine = in_flight_[client];
    for (std::uint32_t i = 0; i < mine.count; ++i)
      if (!arrivals_ || intended_[client * pipeline_ + (mine.first + i) % pipeline_] <= now) ++sum;
  }
  return sum;
}

}  // namespace contend::load
