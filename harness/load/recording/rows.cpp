// Differences of what was recorded.
#include "harness/load/recording/rows.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/machine/limits.hpp"

namespace contend::load {

Rows::Rows(TimePoint begin, const std::vector<std::unique_ptr<RunRecorder>>& recorders,
           const std::optional<Schedule>& schedule, bool keeps_times)
    : begin_(begin), recorders_(recorders), keeps_times_(keeps_times), cpu_(CpuEdge::now().cpu) {
  if (schedule) due_.emplace(*schedule, begin);
}

void Rows::begin_at(TimePoint begin) {
  begin_ = begin;
  if (due_) offered_ = due_->by(begin - Duration(1));  // what is due at `begin` is in the first row
  for (const auto& recorder : recorders_) sent_before_ += recorder->counts(begin).sent;
  cpu_ = CpuEdge::now().cpu;
}

const Row& Rows::add(TimePoint now, std::optional<std::chrono::nanoseconds> server_cpu) {
  Counts total;
  Histogram times;
  for (const auto& recorder : recorders_) {
    total += recorder->counts(now);
    times.merge(recorder->snapshot());
  }
  // What is read while the shards go on may be off by a few, and would step back.
  total.sent = std::max(total.sent, total_.sent + sent_before_) - sent_before_;
  Row row{.end = now - begin_, .counts = total};
  row.counts.sent -= total_.sent;
  row.counts.answered -= total_.answered;
  row.counts.failed_requests -= total_.failed_requests;
  std::ranges::transform(row.counts.errors, total_.errors, row.counts.errors.begin(), std::minus{});
  if (due_) {
    const std::uint64_t offered = due_->by(now);
    row.offered = offered - std::exchange(offered_, offered);
  } else {
    row.offered = row.counts.sent;
  }
  const Histogram answered = times.since(times_);
  row.p50 = answered.value_at(50);
  row.p99 = answered.value_at(99);
  row.max = answered.max();
  if (keeps_times_) row.times = nlohmann::json::to_cbor(answered.to_json());
  const auto cpu = CpuEdge::now().cpu;
  row.client_cpu = cpu - std::exchange(cpu_, cpu);
  row.server_cpu = server_cpu;
  total_ = total;
  times_ = std::move(times);
  return rows_.emplace_back(row);
}

}  // namespace contend::load
