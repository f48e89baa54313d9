// Counts and histograms of a run.
#include "harness/load/recording/recorder.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace contend::load {

bool Agenda::reserve() noexcept {
  std::uint64_t left = left_.load(std::memory_order_relaxed);
  while (left > 0 && !left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
  }
  return left > 0;
}

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

RunRecorder::RunRecorder(Agenda& agenda, std::uint32_t first_client, std::uint32_t clients,
                         std::uint32_t pipeline)
    : agenda_(agenda),
      first_client_(first_client),
      pipeline_(pipeline),
      in_flight_(clients),
      intended_(agenda.is_open_loop() ? std::size_t{clients} * pipeline : 0),
      held_until_(agenda.is_open_loop() ? clients : 0),
      unconnected_(clients) {}

/// A request is reserved before it is allowed, and what is due is taken, since another shard may
/// have them before this one claims them. An idle connection always waits for the next arrival, and
/// where none is left for the end, so that as many connections stay open as were asked for.
bool RunRecorder::goes_on(std::uint32_t, std::uint64_t in_flight) {
  if (agenda_.ended()) return false;
  if (agenda_.is_limited() && !has_reserved_ && !(has_reserved_ = agenda_.reserve())) return false;
  if (!agenda_.is_open_loop() || in_flight == 0) return true;
  if (!taken_due_) taken_due_ = agenda_.arrivals().claim_due(Clock::now());
  return taken_due_.has_value();
}

TimePoint RunRecorder::claim(std::uint32_t client, TimePoint now) {
  const std::uint32_t own = client - first_client_;
  has_reserved_ = false;
  InFlight& mine = in_flight_[own];
  if (!mine.has_connected) [[unlikely]] {
    mine.has_connected = true;
    unconnected_ -= 1;
    last_connected_ = now;
  }
  mine.count += 1;
  mine.claimed = now;
  TimePoint due{};
  if (agenda_.is_open_loop()) {
    const std::optional<TimePoint> taken = std::exchange(taken_due_, std::nullopt);
    due = note_intended(own, taken ? *taken : agenda_.arrivals().claim(now), now);
  }
  // Last, so that whoever reads it knows whether the request is held (see `counts`).
  claimed_.store(claimed_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  return due;
}

std::uint64_t RunRecorder::claim_more(std::uint32_t client, std::uint64_t in_flight,
                                      std::uint64_t most, TimePoint now) {
  if (agenda_.is_open_loop() || agenda_.is_limited())
    return Recorder::claim_more(client, in_flight, most, now);
  if (agenda_.ended()) return 0;
  add(claimed_, most);
  in_flight_[client - first_client_].count += static_cast<std::uint32_t>(most);
  return most;
}

TimePoint RunRecorder::note_intended(std::uint32_t client, TimePoint due, TimePoint now) {
  const InFlight& mine = in_flight_[client];
  const std::size_t slot = (mine.first + mine.count - 1) % pipeline_;
  intended_[std::size_t{client} * pipeline_ + slot] = {.at = due, .queued = due <= now};
  held_until_[client].store(due, std::memory_order_relaxed);
  return due;
}

void RunRecorder::give_back(std::uint32_t client) {
  const std::uint32_t own = client - first_client_;
  InFlight& mine = in_flight_[own];
  mine.count -= 1;
  add(claimed_, ~std::uint64_t{0});
  if (agenda_.is_limited()) agenda_.release();
  if (!agenda_.is_open_loop()) return;
  held_until_[own].store({}, std::memory_order_relaxed);
  const TimePoint due =
      intended_[std::size_t{own} * pipeline_ + (mine.first + mine.count) % pipeline_].at;
  if (due != TimePoint::max()) agenda_.arrivals().give_back(due);
}

/// So many of the client's requests have ended, the oldest ones.
void RunRecorder::end(std::uint32_t client, std::uint64_t count) {
  add(ended_, count);
  in_flight_[client - first_client_].count -= static_cast<std::uint32_t>(count);
}

/// Of the client's oldest request, in an open loop. Once for each that ends.
RunRecorder::Intended RunRecorder::take_intended(std::uint32_t client) {
  const std::uint32_t own = client - first_client_;
  std::uint32_t& first = in_flight_[own].first;
  const Intended intended = intended_[std::size_t{own} * pipeline_ + first];
  first = (first + 1) % pipeline_;
  return intended;
}

void RunRecorder::replied_all(const Exchange& exchange, std::uint64_t count) {
  end(exchange.client, count);
  const bool is_measured = exchange.answered >= agenda_.measured_from();
  for (std::uint64_t left = agenda_.is_open_loop() ? count : 0; left > 0; --left) {
    const Intended intended = take_intended(exchange.client);
    if (!is_measured) continue;
    response_.record(exchange.answered - intended.at);
    if (intended.queued)
      queued_ += 1;
    else
      lag_.record(exchange.sent - intended.at);
  }
  if (!is_measured) return;
  service_.record(exchange.answered - exchange.sent, count);
  gaps_.answered(exchange.answered);
  add(answered_, count);
}

/// What was never sent is a connection that could not be made.
void RunRecorder::failed(const Exchange& exchange, ReplyError error) {
  const bool is_request = exchange.sent != TimePoint{};
  if (is_request) {
    end(exchange.client, 1);
    if (agenda_.is_open_loop()) take_intended(exchange.client);
  }
  if (exchange.answered < agenda_.measured_from()) return;
  if (is_request) add(failed_requests_, 1);
  gaps_.failed(error);
  add(errors_[static_cast<std::size_t>(error)], 1);
}

void RunRecorder::show(ReplyError error, std::string line) {
  examples_[static_cast<std::size_t>(error)] = std::move(line);
}

std::vector<TimePoint> RunRecorder::waiting_since(TimePoint end) const {
  std::vector<TimePoint> since;
  for (std::size_t client = 0; client < in_flight_.size(); ++client) {
    const InFlight& mine = in_flight_[client];
    for (std::uint32_t i = 0; i < mine.count; ++i) {
      const TimePoint begin = agenda_.is_open_loop()
                                  ? intended_[client * pipeline_ + (mine.first + i) % pipeline_].at
                                  : mine.claimed;
      if (begin < end) since.push_back(begin);
    }
  }
  return since;
}

std::vector<Gap> RunRecorder::gaps(TimePoint begin, TimePoint end, TimePoint oldest_waiting) const {
  return gaps_.until(begin, end, oldest_waiting, judged_times().max());
}

/// A request that was claimed before its time is not sent before that.
Counts RunRecorder::counts(TimePoint now) const {
  // What is claimed is read first: a request that is claimed meanwhile is then at most missing, and
  // counts the next time.
  const std::uint64_t claimed = claimed_.load(std::memory_order_acquire);
  Counts counts;
  for (std::size_t kind = 0; kind < errors_.size(); ++kind)
    counts.errors[kind] = errors_[kind].load(std::memory_order_relaxed);
  counts.answered = answered_.load(std::memory_order_relaxed);
  counts.failed_requests = failed_requests_.load(std::memory_order_relaxed);
  const std::uint64_t ended = ended_.load(std::memory_order_relaxed);
  const auto held = static_cast<std::uint64_t>(std::ranges::count_if(
      held_until_, [&](const auto& until) { return until.load(std::memory_order_relaxed) > now; }));
  // Read while the shard goes on, these may be off by what happens meanwhile.
  counts.sent = claimed - std::min(claimed, held);
  counts.in_flight = counts.sent - std::min(counts.sent, ended);
  return counts;
}

}  // namespace contend::load
