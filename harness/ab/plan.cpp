// What is measured when.
#include "harness/ab/plan.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <random>

namespace contend::ab {
namespace {

/// More pairs than this times those of the screen are not asked for: what they could show is small.
constexpr double max_by_screen = 10;
/// What was seen in the screen is taken for so much of it.
constexpr double shrinkage = 2.0 / 3;
constexpr double power = 0.95;
/// Of the distance to the end of the band: the rest is for the estimate, which will not stay where
/// the screen saw it.
constexpr double room_for_width = 0.6;
/// Beyond what just suffices, since the noise of tomorrow is not that of the screen.
constexpr double margin = 1.3;

double normal_quantile(double probability) {
  return boost::math::quantile(boost::math::normal(), probability);
}

/// Half of the interval of ln(ratio), and the distance of its middle from 0.
struct Seen {
  double half_width = 0, distance = 0, band = 0;
};

Seen seen_in(const Comparison& comparison) {
  const Ratio& ratio = *comparison.ratio;
  return {.half_width = std::log(*ratio.high / *ratio.low) / 2,
          .distance = std::abs(std::log(ratio.estimate)),
          .band = std::log1p(comparison.smallest_effect)};
}

/// However large an effect is, the p of n pairs is no smaller than 2^-n: with fewer pairs Holm's
/// correction rejects nothing.
std::size_t min_to_reject(std::size_t comparisons, double alpha) {
  const double fewest = std::log2(static_cast<double>(comparisons) / alpha);
  return std::max(min_pairs, static_cast<std::size_t>(std::ceil(fewest)));
}

/// How many times the pairs of the screen tell.
double factor_wanted(const Evidence& evidence, double z_needed) {
  const Seen seen = seen_in(evidence.comparison);
  if (is_suspect(evidence)) {
    constexpr double z_of_interval = 1.96;
    const double wanted = z_needed * seen.half_width / z_of_interval / (seen.distance * shrinkage);
    return std::max(1.0, wanted * wanted);
  }
  const double room = seen.band - seen.distance;
  const double wanted = room > 0 ? seen.half_width / (room * room_for_width) : max_by_screen;
  return wanted * wanted - 1;  // the screen's own pairs count
}

struct Wish {
  std::size_t cell = 0;
  unsigned blocks = 0;
};

/// Gives what is wished for, or in proportion what fits into `time`, which is then taken off.
void grant(std::vector<Wish> wishes, std::span<const Screened> cells, unsigned fewest,
           Duration& time, std::vector<unsigned>& granted) {
  std::ranges::sort(wishes, {}, &Wish::blocks);
  const auto cost = [&](const Wish& wish) { return cells[wish.cell].each_block * wish.blocks; };
  Duration all{};
  for (const Wish& wish : wishes) all += cost(wish);
  for (Wish wish : wishes) {
    const Duration wished = cost(wish);
    if (all > time && all > Duration{}) {
      const double share = static_cast<double>(time.count()) / static_cast<double>(all.count());
      wish.blocks = static_cast<unsigned>(wish.blocks * std::max(share, 0.0));
    }
    all -= wished;
    if (wish.blocks < fewest) continue;
    granted[wish.cell] = wish.blocks;
    time -= cost(wish);
  }
}

}  // namespace

std::array<Which, slices_a_block> order_in_block(std::uint64_t seed, std::size_t cell,
                                                 unsigned block) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                         static_cast<std::uint32_t>(cell), block};
  std::mt19937_64 generator(sequence);
  using enum Which;
  if ((generator() & 1U) == 0) return {base, head, head, base};
  return {head, base, base, head};
}

std::size_t pairs_wanted(std::span<const Evidence> evidence, std::size_t comparisons,
                         double alpha) {
  const double z_needed =
      normal_quantile(1 - alpha / static_cast<double>(comparisons)) + normal_quantile(power);
  double most = 0;
  for (const Evidence& one : evidence) {
    const Comparison& comparison = one.comparison;
    if (one.held_up)
      most = std::max(most, static_cast<double>(comparison.pairs + comparison.excluded_pairs));
    if (comparison.verdict == Verdict::invalid || is_settled(one)) continue;
    const auto pairs = static_cast<double>(comparison.pairs);
    const double factor =
        comparison.ratio->low ? margin * factor_wanted(one, z_needed) : max_by_screen;
    most = std::max(most, pairs * std::clamp(factor, 1.0, max_by_screen));
  }
  if (most == 0) return 0;
  return std::max(static_cast<std::size_t>(std::ceil(most)), 2 * min_to_reject(comparisons, alpha));
}

std::vector<unsigned> blocks_to_confirm(std::span<const Screened> cells, Duration time,
                                        double alpha) {
  std::size_t comparisons = 0;
  for (const Screened& cell : cells) comparisons += cell.evidence.size();
  const auto blocks_of = [](std::size_t pairs) {
    return static_cast<unsigned>((pairs + pairs_a_block - 1) / pairs_a_block);
  };
  std::vector<Wish> suspects, others;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t pairs = pairs_wanted(cells[i].evidence, comparisons, alpha);
    if (pairs == 0) continue;
    const bool suspect = std::ranges::any_of(cells[i].evidence, is_suspect);
    (suspect ? suspects : others).push_back({i, blocks_of(pairs)});
  }
  std::vector<unsigned> granted(cells.size());
  grant(std::move(suspects), cells, blocks_of(min_to_reject(comparisons, alpha)), time, granted);
  grant(std::move(others), cells, blocks_of(min_pairs), time, granted);
  return granted;
}

}  // namespace contend::ab
