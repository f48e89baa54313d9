// Counts and histograms of a load.
#include "harness/load/recording/recorder.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace contend::load {

std::uint64_t Counts::failed() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
}

Counts& Counts::operator+=(const Counts& other) {
  sent += other.sent;
  answered += other.answered;
  in_flight += other.in_flight;
  failed_requests += other.failed_requests;
  std::ranges::transform(errors, other.errors, errors.begin(), std::plus{});
  return *this;
}

RunRecorder::RunRecorder(RunAdmission& admission, std::size_t kinds)
    : admission_(admission),
      state_(admission.state()),
      service_(kinds),
      answered_by_client_(admission.clients()) {}

void RunRecorder::replied_all(const Exchange& exchange, std::uint64_t count) {
  admission_.end(exchange.client, count);
  const bool is_measured = state_.is_measured(exchange.answered);
  for (std::uint64_t left = state_.is_open_loop() ? count : 0; left > 0; --left) {
    const RunAdmission::Intended intended = admission_.take_intended(exchange.client);
    if (!is_measured) continue;
    response_.record(exchange.answered - intended.at);
    if (intended.queued)
      queued_ += 1;
    else
      lag_.record(exchange.sent - intended.at);
  }
  if (!is_measured) return;
  service_[std::min<std::size_t>(exchange.kind, service_.size() - 1)].record(
      exchange.answered - exchange.sent, count);
  answered_by_client_[exchange.client - admission_.first_client()] += count;
  gaps_.answered(exchange.answered);
  add(answered_, count);
}

/// What was never sent is a connection that could not be made.
void RunRecorder::failed(const Exchange& exchange, ReplyError error) {
  const bool is_request = exchange.sent != TimePoint{};
  if (is_request) {
    admission_.end(exchange.client, 1);
    if (state_.is_open_loop()) admission_.take_intended(exchange.client);
  }
  if (state_.is_warm_up(exchange.answered)) warm_up_errors_[static_cast<std::size_t>(error)] += 1;
  if (!state_.is_measured(exchange.answered)) return;
  if (is_request) add(failed_requests_, 1);
  gaps_.failed(error);
  add(errors_[static_cast<std::size_t>(error)], 1);
}

void RunRecorder::show(ReplyError error, std::string line) {
  examples_[static_cast<std::size_t>(error)] = std::move(line);
}

Histogram RunRecorder::service_time() const {
  Histogram all;
  for (const Histogram& one : service_) all.merge(one);
  return all;
}

Histogram RunRecorder::snapshot() const {
  if (state_.is_open_loop()) return response_.snapshot();
  Histogram all;
  for (const Histogram& one : service_) all.merge(one.snapshot());
  return all;
}

std::vector<Gap> RunRecorder::gaps(TimePoint begin, TimePoint end, TimePoint oldest_waiting) const {
  return gaps_.until(begin, end, oldest_waiting,
                     state_.is_open_loop() ? response_.max() : service_time().max());
}

Counts RunRecorder::counts(TimePoint now) const {
  const Flow flow = admission_.flow(now);
  Counts counts{.sent = flow.sent,
                .answered = answered_.load(std::memory_order_relaxed),
                .in_flight = flow.in_flight,
                .failed_requests = failed_requests_.load(std::memory_order_relaxed)};
  for (std::size_t kind = 0; kind < errors_.size(); ++kind)
    counts.errors[kind] = errors_[kind].load(std::memory_order_relaxed);
  return counts;
}

}  // namespace contend::load
