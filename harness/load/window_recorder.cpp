// Counts and histograms of one window.
#include "harness/load/window_recorder.hpp"

#include <algorithm>
#include <numeric>
#include <thread>

namespace contend {

static_assert(std::atomic<TimePoint>::is_always_lock_free);

LoadRecorder::LoadRecorder(std::uint32_t clients, std::size_t kinds, TimePoint (*now)())
    : now_(now), latencies_(std::max<std::size_t>(kinds, 1)), operations_(clients) {}

// Either `close` sees that a record is in hand and waits for it, or the record sees that it is
// closed (Dekker 1965; it takes the total order of sequential consistency). One exchange costs
// some 5 ns and never waits for the other thread, which a lock might.
bool LoadRecorder::enter() noexcept {
  recording_.store(true, std::memory_order_seq_cst);
  if (!closed_.load(std::memory_order_seq_cst)) return true;
  leave();
  return false;
}

void LoadRecorder::close() noexcept {
  closed_.store(true, std::memory_order_seq_cst);
  while (recording_.load(std::memory_order_seq_cst)) std::this_thread::yield();
}

void LoadRecorder::replied_all(const Exchange& exchange, std::uint64_t count) {
  if (!in_window(exchange.answered) || !enter()) return;
  latencies_[std::min<std::size_t>(exchange.kind, latencies_.size() - 1)].record(
      exchange.answered - exchange.sent, count);
  operations_[exchange.client] += count;
  leave();
}

void LoadRecorder::failed(const Exchange&, ReplyError error) {
  const TimePoint now = now_();
  if (!enter()) return;
  (in_window(now) ? errors_ : warmup_errors_)[static_cast<std::size_t>(error)] += 1;
  if (in_window(now) && !first_error_) first_error_ = now;
  leave();
}

std::uint64_t LoadRecorder::operations() const {
  return std::accumulate(operations_.begin(), operations_.end(), std::uint64_t{0});
}

Histogram LoadRecorder::all_latencies() const {
  Histogram all;
  for (const Histogram& one : latencies_) all.merge(one);
  return all;
}

std::optional<double> LoadRecorder::fairness_jain() const {
  double sum = 0, squares = 0;
  for (const std::uint64_t operations : operations_) {
    const auto x = static_cast<double>(operations);
    sum += x;
    squares += x * x;
  }
  if (squares == 0) return std::nullopt;
  return sum * sum / (static_cast<double>(operations_.size()) * squares);
}

std::uint32_t LoadRecorder::starved_clients() const {
  return static_cast<std::uint32_t>(std::ranges::count(operations_, std::uint64_t{0}));
}

}  // namespace contend
