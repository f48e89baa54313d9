// Splitting and merging.
#include "harness/load/ranks/shares.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "workloads/http/request_template.hpp"

namespace contend::load {
namespace {

using namespace std::chrono_literals;

/// Who looks at the clock when a second is over does so later by less than that, and then sees the
/// row of that second.
constexpr auto late_look = 100ms;

/// Different ones for each rank, which look independent.
std::uint64_t seed_of(std::uint64_t seed, std::uint32_t rank) {
  SplitMix seeds(seed);
  for (std::uint32_t before = 0; before < rank; ++before) seeds();
  return seeds();
}

/// From 1 on.
std::int64_t second_of(const Row& row) {
  return std::max<std::int64_t>(
      std::chrono::ceil<std::chrono::seconds>(row.end - late_look).count(), 1);
}

/// Adds what is in one rank's row; what is `in_flight` counts once, at the end of its second.
void add(const Row& own, bool is_last_of_second, Row& row, Histogram& times) {
  row.end = std::max(row.end, own.end);
  row.offered += own.offered;
  row.counts += own.counts;
  if (!is_last_of_second) row.counts.in_flight -= own.counts.in_flight;
  row.client_cpu += own.client_cpu;
  if (!own.times.empty()) times.merge(Histogram::from_json(nlohmann::json::from_cbor(own.times)));
}

/// One second after the other, so that only one has its histogram in full.
std::vector<Row> merged_rows(const std::vector<RunReport>& reports) {
  std::vector<std::size_t> next(reports.size());
  std::vector<Row> rows;
  Histogram times;
  for (;;) {
    std::int64_t second = INT64_MAX;
    for (std::size_t rank = 0; rank < reports.size(); ++rank)
      if (next[rank] < reports[rank].seconds.size())
        second = std::min(second, second_of(reports[rank].seconds[next[rank]]));
    if (second == INT64_MAX) return rows;
    Row& row = rows.emplace_back();
    times.clear();
    for (std::size_t rank = 0; rank < reports.size(); ++rank) {
      const std::vector<Row>& all = reports[rank].seconds;
      for (std::size_t& i = next[rank]; i < all.size() && second_of(all[i]) == second; ++i)
        add(all[i], i + 1 == all.size() || second_of(all[i + 1]) != second, row, times);
    }
    row.p50 = times.value_at(50);
    row.p99 = times.value_at(99);
    row.max = times.max();
  }
}

std::vector<Away> common_gaps(const std::vector<RunReport>& reports) {
  const auto gaps_of = [](const RunReport& report) {
    std::vector<Gap> gaps;
    for (const Away& away : report.gaps)
      gaps.push_back({.from = TimePoint(away.from), .to = TimePoint(away.from + away.length)});
    return gaps;
  };
  std::vector<Gap> gaps = gaps_of(reports.front());
  for (const RunReport& report : reports) gaps = common(gaps, gaps_of(report));
  std::vector<Away> away;
  for (const Gap& gap : gaps)
    away.push_back({.from = gap.from.time_since_epoch(), .length = gap.to - gap.from});
  return away;
}

template <typename Value>
void raise(std::optional<Value>& value, const std::optional<Value>& other) {
  value = std::max(value, other);
}

/// Shares are those of the rank that has most.
void add(const Signals& own, Signals& signals) {
  signals.duration = std::max(signals.duration, own.duration);
  signals.open_loop |= own.open_loop;
  signals.spins |= own.spins;
  for (double Signals::*const share : {&Signals::cpu_share, &Signals::waited_share,
                                       &Signals::throttled_share, &Signals::held_up_share})
    signals.*share = std::max(signals.*share, own.*share);
  for (std::uint64_t Signals::*const count :
       {&Signals::offered, &Signals::answered, &Signals::queued, &Signals::unsent,
        &Signals::dropped})
    signals.*count += own.*count;
  signals.silent_for = std::min(signals.silent_for, own.silent_for);
  raise(signals.steal_share, own.steal_share);
  raise(signals.accept_overflows, own.accept_overflows);
  raise(signals.server_cpu_share, own.server_cpu_share);
  raise(signals.server_waited_share, own.server_waited_share);
  signals.ports_ran_out |= own.ports_ran_out;
}

void add(const RunReport& own, RunReport& report) {
  report.duration = std::max(report.duration, own.duration);
  report.all_connected = report.all_connected && own.all_connected
                             ? std::max(report.all_connected, own.all_connected)
                             : std::nullopt;
  for (std::uint64_t RunReport::*const count :
       {&RunReport::answered, &RunReport::unanswered, &RunReport::queued, &RunReport::unsent,
        &RunReport::overdue, &RunReport::dropped, &RunReport::max_waiting,
        &RunReport::failed_requests})
    report.*count += own.*count;
  report.examples.insert(own.examples.begin(), own.examples.end());
  for (const auto& [kind, count] : own.errors) report.errors[kind] += count;
  report.response_time.merge(own.response_time);
  report.service_time.merge(own.service_time);
  report.send_lag.merge(own.send_lag);
  report.client_cpu += own.client_cpu;
  report.silent_for = std::min(report.silent_for, own.silent_for);
  report.ports_left = std::min(report.ports_left, own.ports_left);
  add(own.signals, report.signals);
}

int badness(Limit limit) {
  switch (limit) {
    case Limit::none: return 0;
    case Limit::server: return 1;
    case Limit::unknown: return 2;
    case Limit::host: return 3;
    case Limit::client: return 4;
  }
  return 0;
}

/// "rank 2 on b", "ranks 0, 2"
std::string names(const std::vector<std::size_t>& ranks, const std::vector<RankSummary>& all) {
  if (ranks.size() > 1) return fmt::format("ranks {}", fmt::join(ranks, ", "));
  return fmt::format("rank {} on {}", ranks.front(), all[ranks.front()].host);
}

/// Of those that are not to be trusted, worst first. What several say is said once.
Verdict verdict_of(const std::vector<std::size_t>& doubtful,
                   const std::vector<RankSummary>& ranks) {
  Verdict verdict{.limit = ranks[doubtful.front()].verdict.limit};
  std::vector<std::pair<std::string, std::vector<std::size_t>>> said;
  for (const std::size_t rank : doubtful) {
    if (ranks[rank].verdict.trusted == false) verdict.trusted = false;
    for (const std::string& reason : ranks[rank].verdict.reasons) {
      auto found = std::ranges::find(said, reason, [](const auto& each) { return each.first; });
      if (found == said.end()) found = said.insert(found, {reason, {}});
      found->second.push_back(rank);
    }
  }
  for (const auto& [reason, who] : said)
    verdict.reasons.push_back(fmt::format("{}: {}", names(who, ranks), reason));
  return verdict;
}

Verdict verdict_of(const Signals& signals, const std::vector<RankSummary>& ranks) {
  std::vector<std::size_t> doubtful;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank)
    if (ranks[rank].verdict.trusted != true) doubtful.push_back(rank);
  if (doubtful.empty()) return judge(signals);
  std::ranges::stable_sort(doubtful, std::greater{},
                           [&](std::size_t rank) { return badness(ranks[rank].verdict.limit); });
  return verdict_of(doubtful, ranks);
}

}  // namespace

RunSpec share_of(const RunSpec& whole, std::uint32_t rank, std::uint32_t ranks) {
  if (whole.connections < ranks)
    throw std::invalid_argument(
        fmt::format("{} ranks can't share {} connections; each needs one of its own: raise "
                    "--connections or start fewer",
                    ranks, whole.connections));
  if (whole.requests != 0 && whole.requests < ranks)
    throw std::invalid_argument(
        fmt::format("{} ranks can't share {} requests; raise --requests or start fewer", ranks,
                    whole.requests));
  // Without a product of two large numbers.
  const auto first_of = [&](std::uint64_t all, std::uint32_t part) {
    return all / ranks * part + all % ranks * part / ranks;
  };
  const auto part_of = [&](std::uint64_t all) {
    return first_of(all, rank + 1) - first_of(all, rank);
  };
  RunSpec share = whole;
  share.connections = static_cast<std::uint32_t>(part_of(whole.connections));
  share.first_connection = static_cast<std::uint32_t>(first_of(whole.connections, rank));
  share.requests = part_of(whole.requests);
  share.part = rank;
  share.parts = ranks;
  if (share.schedule) {
    share.schedule->part = rank;
    share.schedule->parts = ranks;
    share.schedule->seed = seed_of(whole.schedule->seed, rank);
  }
  return share;
}

RunReport merged(const std::vector<RunReport>& reports, std::vector<RankSummary> ranks) {
  RunReport whole{.all_connected = Duration{},
                  .silent_for = Duration::max(),
                  .ports_left = UINT64_MAX,
                  .signals = {.silent_for = Duration::max()}};
  for (std::size_t rank = 0; rank < reports.size(); ++rank) {
    add(reports[rank], whole);
    ranks[rank].answered = reports[rank].answered;
    ranks[rank].client_cpu = reports[rank].client_cpu;
    ranks[rank].verdict = reports[rank].verdict;
  }
  whole.seconds = merged_rows(reports);
  whole.gaps = common_gaps(reports);
  whole.signals.lag_p99 = whole.send_lag.value_at(99);
  whole.signals.lag_max = whole.send_lag.max();
  whole.verdict = verdict_of(whole.signals, ranks);
  whole.ranks = std::move(ranks);
  return whole;
}

}  // namespace contend::load
