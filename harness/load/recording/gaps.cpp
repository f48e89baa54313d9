// The gaps that a server's death leaves.
#include "harness/load/recording/gaps.hpp"

#include <algorithm>

namespace contend::load {

void Gaps::close(TimePoint at) {
  lost_ = false;
  if (at - last_answer_ >= shortest_gap && gaps_.size() < max_gaps)
    gaps_.push_back({.from = last_answer_, .to = at});
}

std::vector<Gap> Gaps::until(TimePoint begin, TimePoint end, TimePoint oldest_waiting,
                             Duration longest) const {
  Gaps all = *this;
  if (!all.lost_) all.last_answer_ = std::max(all.last_answer_, oldest_waiting);
  if (all.lost_ || end - all.last_answer_ >= std::max(shortest_silence, 2 * longest))
    all.close(end);
  for (Gap& gap : all.gaps_) gap.from = std::max(gap.from, begin);
  std::erase_if(all.gaps_, [](const Gap& gap) { return gap.to - gap.from < shortest_gap; });
  return all.gaps_;
}

std::vector<Gap> common(const std::vector<Gap>& one, const std::vector<Gap>& other) {
  std::vector<Gap> both;
  for (auto a = one.begin(), b = other.begin(); a != one.end() && b != other.end();) {
    const Gap shared{.from = std::max(a->from, b->from), .to = std::min(a->to, b->to)};
    if (shared.to - shared.from >= shortest_gap) both.push_back(shared);
    if (a->to < b->to)
      ++a;
    else
      ++b;
  }
  return both;
}

}  // namespace contend::load
