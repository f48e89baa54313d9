// Learning from window to window how long answers may wait, and whether that pays.
#include "engines/uring/gather.hpp"

#include <algorithm>
#include <chrono>

namespace contend::uring {
namespace {

using namespace std::chrono_literals;

/// Windows last at least so long, and then until the requests are a multiple of the connections: a
/// window cut off within such a round counts more or fewer of them by where it was cut.
constexpr Duration window = 10ms;
constexpr Duration max_hold = 100us;
/// To set a timer for less costs more than is saved.
constexpr Duration shortest = 5us;
/// Tried in so many windows, without, with, with, without and so on, so that what drifts hits both
/// alike; then whatever was better is done for so many. Each time that it does not pay it is left
/// alone for twice as long: to try it makes answers late.
constexpr unsigned tried = 8, followed_at_least = 56, followed_at_most = 8 * followed_at_least;
/// What was seen before the last trial counts half, what before the one before that a quarter.
constexpr double memory = 0.5;
/// It pays where the CPU time a request is at most this share of what it is without, and requests
/// are not fewer than this share: latency would be higher by as much (Little's law).
constexpr double max_cost = 0.97, min_rate = 0.99;
/// A client that uses less than this share of its CPU has nothing to save.
constexpr double min_busy = 0.4;

}  // namespace

Gather::Gather(double share, Duration (*cpu)())
    : share_(share), cpu_(cpu), followed_(followed_at_least / 2) {}

Ring::Gathering Gather::next(std::size_t connections) const {
  if (!gathers() || hold_ < shortest || connections < 4) return {};
  return {.count = static_cast<unsigned>(connections / 2), .longest = hold_};
}

bool Gather::gathers() const {
  return window_ < tried ? window_ % 4 == 1 || window_ % 4 == 2 : found_to_pay_;
}

bool Gather::pays() const {
  const auto& [without, with] = tallies_;
  return with.cost() < max_cost * without.cost() && with.rate() > min_rate * without.rate();
}

void Gather::learn(std::size_t sent, std::size_t connections, TimePoint now) {
  if (share_ == 0 || connections == 0) return;
  const std::size_t rounds = sent_ / connections;
  sent_ += sent;
  if (since_ && (now - *since_ < window || sent_ / connections == rounds)) return;
  const Duration cpu = cpu_();
  if (since_)
    take({.sent = static_cast<double>(sent_),
          .cpu_ns = static_cast<double>((cpu - cpu_since_).count()),
          .passed_ns = static_cast<double>((now - *since_).count())},
         connections);
  sent_ = 0;
  since_ = now;
  cpu_since_ = cpu;
}

void Gather::take(const Tally& seen, std::size_t connections) {
  const double between_ns = static_cast<double>(connections) / seen.rate();
  hold_ = std::min(max_hold, Duration(static_cast<Duration::rep>(between_ns * share_)));
  // The first window of a trial is one without: if that has time to spare, there is no trial.
  if (window_ == 0 && seen.cpu_ns < min_busy * seen.passed_ns) return;
  if (window_ < tried) {
    Tally& tally = tallies_[gathers() ? 1 : 0];
    tally.sent += seen.sent;
    tally.cpu_ns += seen.cpu_ns;
    tally.passed_ns += seen.passed_ns;
  }
  if (++window_ == tried) {
    found_to_pay_ = pays();
    followed_ = found_to_pay_ ? followed_at_least : std::min(2 * followed_, followed_at_most);
    for (Tally& tally : tallies_)
      tally = {tally.sent * memory, tally.cpu_ns * memory, tally.passed_ns * memory};
  }
  if (window_ == tried + followed_) window_ = 0;
}

}  // namespace contend::uring
