// Requests from their admission to their end.
#include "harness/load/schedule/admission.hpp"

#include <algorithm>
#include <utility>

namespace contend::load {

RunAdmission::RunAdmission(RunState& state, std::uint32_t first_client, std::uint32_t clients,
                           std::uint32_t pipeline)
    : state_(state),
      first_client_(first_client),
      pipeline_(pipeline),
      in_flight_(clients),
      intended_(state.is_open_loop() ? std::size_t{clients} * pipeline : 0),
      held_until_(state.is_open_loop() ? clients : 0),
      unconnected_(clients) {}

/// A request is reserved, and what is due is claimed, before the session takes it, since another
/// thread could have both otherwise. An idle connection always waits for the next arrival, and if
/// none is left for the end, so that as many connections stay open as were asked for.
bool RunAdmission::admit(std::uint32_t, std::uint64_t in_flight) {
  if (state_.ended()) return false;
  if (state_.is_limited() && !has_reserved_ && !(has_reserved_ = state_.reserve())) return false;
  if (!state_.is_open_loop() || in_flight == 0) return true;
  if (!admitted_due_) admitted_due_ = state_.arrivals().claim_due(Clock::now());
  return admitted_due_.has_value();
}

TimePoint RunAdmission::take(std::uint32_t client, TimePoint now) {
  const std::uint32_t own = client - first_client_;
  has_reserved_ = false;
  InFlight& mine = in_flight_[own];
  if (!mine.has_connected) [[unlikely]] {
    mine.has_connected = true;
    unconnected_ -= 1;
    last_connected_ = now;
  }
  mine.count += 1;
  mine.taken = now;
  TimePoint due{};
  if (state_.is_open_loop()) {
    const std::optional<TimePoint> admitted = std::exchange(admitted_due_, std::nullopt);
    due = admitted ? *admitted : state_.arrivals().claim(now);
    note_intended(own, due, now);
  }
  // Last, so that a reader of it knows whether the request is held (see `flow`).
  taken_.store(taken_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  return due;
}

std::uint64_t RunAdmission::take_more(std::uint32_t client, std::uint64_t in_flight,
                                      std::uint64_t max, TimePoint now) {
  if (state_.is_open_loop() || state_.is_limited())
    return Admission::take_more(client, in_flight, max, now);
  if (state_.ended()) return 0;
  add(taken_, max);
  in_flight_[client - first_client_].count += static_cast<std::uint32_t>(max);
  return max;
}

void RunAdmission::note_intended(std::uint32_t own, TimePoint due, TimePoint now) {
  const InFlight& mine = in_flight_[own];
  const std::size_t place = (mine.first + mine.count - 1) % pipeline_;
  intended_[std::size_t{own} * pipeline_ + place] = {.at = due, .queued = due <= now};
  held_until_[own].store(due, std::memory_order_relaxed);
}

void RunAdmission::give_back(std::uint32_t client) {
  const std::uint32_t own = client - first_client_;
  InFlight& mine = in_flight_[own];
  mine.count -= 1;
  add(taken_, ~std::uint64_t{0});
  if (state_.is_limited()) state_.release();
  if (!state_.is_open_loop()) return;
  held_until_[own].store({}, std::memory_order_relaxed);
  const TimePoint due =
      intended_[std::size_t{own} * pipeline_ + (mine.first + mine.count) % pipeline_].at;
  if (due != TimePoint::max()) state_.arrivals().give_back(due);
}

void RunAdmission::end(std::uint32_t client, std::uint64_t count) {
  add(ended_, count);
  in_flight_[client - first_client_].count -= static_cast<std::uint32_t>(count);
}

RunAdmission::Intended RunAdmission::take_intended(std::uint32_t client) {
  const std::uint32_t own = client - first_client_;
  std::uint32_t& first = in_flight_[own].first;
  const Intended intended = intended_[std::size_t{own} * pipeline_ + first];
  first = (first + 1) % pipeline_;
  return intended;
}

Flow RunAdmission::flow(TimePoint now) const {
  // What is taken is read first: a request that is taken meanwhile is then at most missing, and
  // counts the next time. One that was taken before its time is not sent before that.
  const std::uint64_t taken = taken_.load(std::memory_order_acquire);
  const std::uint64_t ended = ended_.load(std::memory_order_relaxed);
  const auto held = static_cast<std::uint64_t>(std::ranges::count_if(
      held_until_, [&](const auto& until) { return until.load(std::memory_order_relaxed) > now; }));
  const std::uint64_t sent = taken - std::min(taken, held);
  return {.sent = sent, .in_flight = sent - std::min(sent, ended)};
}

std::vector<TimePoint> RunAdmission::waiting_since(TimePoint end) const {
  std::vector<TimePoint> since;
  for (std::size_t own = 0; own < in_flight_.size(); ++own) {
    const InFlight& mine = in_flight_[own];
    for (std::uint32_t i = 0; i < mine.count; ++i) {
      const TimePoint begin = state_.is_open_loop()
                                  ? intended_[own * pipeline_ + (mine.first + i) % pipeline_].at
                                  : mine.taken;
      if (begin < end) since.push_back(begin);
    }
  }
  return since;
}

}  // namespace contend::load
