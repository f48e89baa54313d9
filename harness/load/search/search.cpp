// Windows of load at several rates.
#include "harness/load/search/search.hpp"

#include <algorithm>
#include <utility>

namespace contend::load {
namespace {

using Kind = Measured::Kind;

/// A server that was overloaded has so long to finish what it still has in hand.
constexpr Duration max_settling = std::chrono::seconds(2);
/// Of a sweep's window, so much is discarded, and no more than this.
constexpr int sweep_warm_up_part = 5;
constexpr Duration max_warm_up = std::chrono::seconds(1);

/// Whether what broke says something of the server.
bool is_disturbed(const Verdict& verdict) {
  return verdict.limit == Limit::client || verdict.limit == Limit::host;
}

class Windows {
 public:
  Windows(const Search& search, StopToken stop, const std::function<void(const Point&)>& each_point)
      : search_(search), stop_(stop), each_point_(each_point) {}

  void find() {
    report_.max =
        find_max({.budget = search_.budget, .min_requests = search_.objective->min_requests()},
                 [this](const Window& window) { return measure(window); });
    if (is_gone_ && !stop_.requested()) report_.max->finding = MaxRate::Finding::server_gone;
  }

  void sweep() {
    auto windows = static_cast<int>(search_.rates_per_s.size());
    Duration left = search_.budget;
    for (const double rate_per_s : search_.rates_per_s) {
      const Duration each = (left - settling_) / windows--;
      const Duration warm_up = std::min(each / sweep_warm_up_part, max_warm_up);
      if (!at({.rate_per_s = rate_per_s, .warm_up = warm_up, .duration = each - warm_up})) return;
      left -= each;
    }
  }

  SearchReport report() {
    report_.took = Clock::now() - begin_;
    report_.interrupted = stop_.requested();
    return std::move(report_);
  }

 private:
  Measured measure(const Window& window);
  const Point* at(const Window& window);
  RunReport closed_loop(const Window& window) const;
  RunReport run_window(const RunSpec& spec) const {
    return run(spec, stop_, [](const Progress&) {});
  }
  void settle();

  const Search& search_;
  StopToken stop_;
  const std::function<void(const Point&)>& each_point_;
  TimePoint begin_ = Clock::now();
  Duration settling_{};   // the time that `settle` has taken in all
  bool is_gone_ = false;  // nobody was answered at the end of the last window, nor after it
  SearchReport report_;
};

Measured Windows::measure(const Window& window) {
  const TimePoint begin = Clock::now();
  Measured measured;
  if (window.rate_per_s) {
    if (const Point* const point = at(window)) measured.kind = point->kind;
  } else {
    const RunReport report = closed_loop(window);
    report_.estimate_per_s = measured.answered_per_s = report.answered_per_s();
    measured.typical = report.service_time.value_at(50);
    settle();
  }
  if (stop_.requested()) measured.kind = Kind::interrupted;
  measured.took = Clock::now() - begin;
  return measured;
}

/// Null where it was interrupted.
const Point* Windows::at(const Window& window) {
  Point point{.rate_per_s = *window.rate_per_s, .spec = search_.spec, .report = {}};
  point.spec.warm_up = window.warm_up;
  point.spec.duration = window.duration;
  point.spec.schedule->stages =
      Schedule::constant(point.rate_per_s, window.warm_up + window.duration).stages;
  // The same times of arrival in each window would all have the same luck.
  point.spec.schedule->seed += report_.points.size();
  point.report = run_window(point.spec);
  if (stop_.requested()) return nullptr;
  const RunReport& report = point.report;
  point.kept_up = keeps_up(report.signals.offered, report.answered + report.failed_requests);
  if (search_.objective) {
    point.judgement = judge(*search_.objective, report);
    if (!point.judgement->held() || !point.kept_up)
      point.kind = is_disturbed(report.verdict) ? Kind::disturbed : Kind::broken;
  }
  is_gone_ = report.answered == 0 || report.silent_for > Duration{};
  report_.points.push_back(std::move(point));
  each_point_(report_.points.back());
  if (!report_.points.back().kept_up) settle();
  return &report_.points.back();
}

RunReport Windows::closed_loop(const Window& window) const {
  RunSpec spec = search_.spec;
  spec.schedule.reset();
  spec.warm_up = window.warm_up;
  spec.duration = window.duration;
  return run_window(spec);
}

/// One request alone: it is answered when what came before it is done. It takes no time that the
/// windows don't have: half of what is left at most.
void Windows::settle() {
  const TimePoint begin = Clock::now();
  const Duration longest = std::min(max_settling, (begin_ + search_.budget - begin) / 2);
  if (stop_.requested() || longest <= Duration{}) return;
  RunSpec spec = search_.spec;
  spec.schedule.reset();
  spec.connections = spec.threads = spec.pipeline = 1;
  spec.requests = 1;
  spec.duration = longest;
  if (run_window(spec).answered > 0) is_gone_ = false;
  settling_ += Clock::now() - begin;
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::held: return "held";
    case Kind::broken: return "broken";
    case Kind::disturbed: return "disturbed";
    case Kind::interrupted: return "interrupted";
  }
  return {};
}

std::string_view to_string(MaxRate::Finding finding) {
  using Finding = MaxRate::Finding;
  switch (finding) {
    case Finding::found: return "found";
    case Finding::never_held: return "never_held";
    case Finding::client_was_limit: return "client_was_limit";
    case Finding::server_gone: return "server_gone";
    case Finding::interrupted: return "interrupted";
  }
  return {};
}

SearchReport run_command(const Search& search, StopToken stop,
                         const std::function<void(const Point&)>& each_point) {
  Windows windows(search, stop, each_point);
  if (search.objective)
    windows.find();
  else
    windows.sweep();
  return windows.report();
}

}  // namespace contend::load
