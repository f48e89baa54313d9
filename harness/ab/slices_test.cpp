// What is measured when, and what of it counts: hosts and time are made up.
#include "harness/ab/slices.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "harness/ab/slices_testing.hpp"
#include "harness/base/random.hpp"
#include "harness/process/child.hpp"

namespace contend::ab {
namespace {

using namespace std::chrono_literals;
using contend::testing::failed_slice;
using contend::testing::some_slice;

/// Cells that are measured by `wall_ns`, with a clock that goes on by a slice's time.
class Simulated {
 public:
  struct Cell {
    double ratio = 1, noise = 0.01;
    double ratio_in_screen = 0;  ///< 0: the same.
    bool fails = false;
  };
  struct Call {
    Which side;
    std::size_t cell;
    unsigned block, place;
    Slices::Stage stage;
  };

  explicit Simulated(std::vector<Cell> cells) : cells_(std::move(cells)) {}

  std::vector<Evidence> run(Duration budget, Duration screen, Rules rules = {}) {
    std::vector<ScreenedCell> screened;
    for (std::size_t i = 0; i < cells_.size(); ++i)
      screened.push_back({.id = std::to_string(i), .metrics = {compared_metric("wall_ns")}});
    Slices slices(
        screened,
        {.seed = 5,
         .budget = budget,
         .screen = std::min(screen * static_cast<std::int64_t>(cells_.size()), budget / 2),
         .rules = std::move(rules)},
        [&](Which side, std::size_t cell, unsigned block, unsigned place) {
          return slice(side, cell, block, place);
        },
        [&] { return now_; },
        [&](Slices::Stage stage, std::size_t, Duration left) {
          stage_ = stage;
          EXPECT_GE(left, Duration{});
        });
    try {
      slices.run();
    } catch (const Interrupted&) {
    }
    return slices.evidence();
  }

  const std::vector<Call>& calls() const { return calls_; }
  Duration took() const { return now_ - TimePoint{}; }
  void interrupt_after(std::size_t calls) { max_calls_ = calls; }
  std::size_t calls_of(std::size_t cell, Slices::Stage stage) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        calls_, [&](const Call& call) { return call.cell == cell && call.stage == stage; }));
  }

 private:
  Sample slice(Which side, std::size_t index, unsigned block, unsigned place) {
    if (calls_.size() == max_calls_) throw Interrupted();
    calls_.push_back({side, index, block, place, stage_});
    now_ += 250ms;
    const Cell& cell = cells_[index];
    if (cell.fails && side == Which::head) return failed_slice("crashed");
    std::normal_distribution<double> error(0, cell.noise);
    const bool as_in_screen = stage_ == Slices::Stage::screen && cell.ratio_in_screen > 0;
    const double ratio = as_in_screen ? cell.ratio_in_screen : cell.ratio;
    return some_slice(1e8 * (side == Which::head ? ratio : 1) * std::exp(error(generator_)));
  }

  std::vector<Cell> cells_;
  std::vector<Call> calls_;
  std::size_t max_calls_ = SIZE_MAX;
  Slices::Stage stage_ = Slices::Stage::screen;
  TimePoint now_{};
  std::mt19937_64 generator_{31};
};

TEST(Blocks, AreABBAOrBAABEachAsOften) {
  int base_first = 0;
  constexpr int blocks = 4000;
  for (unsigned block = 0; block < blocks; ++block) {
    const auto order = order_in_block(9, 3, block);
    EXPECT_EQ(order, order_in_block(9, 3, block));
    EXPECT_EQ(order[0], order[3]);
    EXPECT_EQ(order[1], order[2]);
    EXPECT_NE(order[0], order[1]);
    base_first += order[0] == Which::base ? 1 : 0;
  }
  EXPECT_NEAR(base_first, blocks / 2, 4 * std::sqrt(blocks) / 2);
}

TEST(Slices, AreMeasuredInRoundsOfWholeBlocks) {
  Simulated simulated({{}, {}, {}});
  simulated.run(60s, 10s);
  const auto& calls = simulated.calls();
  ASSERT_EQ(calls.size() % slices_a_block, 0U);
  std::map<std::size_t, unsigned> blocks;
  for (std::size_t i = 0; i < calls.size(); i += slices_a_block) {
    const auto order = order_in_block(5, calls[i].cell, blocks[calls[i].cell]);
    for (unsigned place = 0; place < slices_a_block; ++place) {
      EXPECT_EQ(calls[i + place].cell, calls[i].cell);
      EXPECT_EQ(calls[i + place].place, place);
      EXPECT_EQ(calls[i + place].block, blocks[calls[i].cell]);
      EXPECT_EQ(calls[i + place].side, order[place]);
    }
    blocks[calls[i].cell] += 1;
    std::set<unsigned> counts;
    for (std::size_t cell = 0; cell < 3; ++cell) counts.insert(blocks[cell]);
    EXPECT_LE(*counts.rbegin() - *counts.begin(), 1U) << "a cell is a round ahead";
  }
  EXPECT_LE(simulated.took(), 60s);
}

TEST(Slices, EndEarlyWhereNothingIsInDoubt) {
  Simulated simulated({{}, {}});
  const std::vector<Evidence> evidence = simulated.run(600s, 10s);
  EXPECT_LE(simulated.took(), 25s);
  for (const Evidence& one : evidence) {
    EXPECT_EQ(one.comparison.verdict, Verdict::unchanged);
    EXPECT_FALSE(one.comparison.confirmed);
  }
}

TEST(Slices, MeasureASuspectAgainAndJudgeItByThat) {
  Simulated simulated({{.ratio = 1.05}, {}});
  const std::vector<Evidence> evidence = simulated.run(600s, 10s);
  EXPECT_EQ(evidence[0].comparison.verdict, Verdict::regressed);
  EXPECT_TRUE(evidence[0].comparison.confirmed);
  EXPECT_EQ(evidence[0].comparison.pairs * 2, simulated.calls_of(0, Slices::Stage::confirmation));
  EXPECT_EQ(simulated.calls_of(1, Slices::Stage::confirmation), 0U);
  EXPECT_EQ(evidence[1].comparison.verdict, Verdict::unchanged);
}

TEST(Slices, ClearASuspectThatWasNone) {
  Simulated simulated({{.ratio = 1, .noise = 0.01, .ratio_in_screen = 1.1}});
  const Comparison comparison = simulated.run(600s, 10s)[0].comparison;
  EXPECT_TRUE(comparison.confirmed);
  EXPECT_EQ(comparison.verdict, Verdict::unchanged);
  EXPECT_NEAR(comparison.ratio->estimate, 1, 0.01);
}

TEST(Slices, GiveWhatIsOpenTheTimeThatIsLeft) {
  Simulated simulated({{.ratio = 1, .noise = 0.04}, {}});
  const Comparison comparison = simulated.run(600s, 10s)[0].comparison;
  EXPECT_GT(simulated.calls_of(0, Slices::Stage::confirmation), 20U);
  EXPECT_FALSE(comparison.confirmed);
  EXPECT_EQ(comparison.pairs * 2, simulated.calls_of(0, Slices::Stage::confirmation) +
                                      simulated.calls_of(0, Slices::Stage::screen));
  EXPECT_EQ(comparison.verdict, Verdict::unchanged);
}

TEST(Slices, KeepToTheBudget) {
  for (const Duration budget : {4s, 10s, 33s, 100s}) {
    Simulated simulated({{.ratio = 1.1, .noise = 0.2}, {.noise = 0.3}, {.ratio = 1.05}});
    simulated.run(budget, 20s);
    EXPECT_LE(simulated.took(), budget) << budget.count();
    for (std::size_t cell = 0; cell < 3; ++cell)
      EXPECT_GE(simulated.calls_of(cell, Slices::Stage::screen), slices_a_block);
  }
}

TEST(Slices, GiveUpACellThatFails) {
  Simulated simulated({{.fails = true}, {}});
  const std::vector<Evidence> evidence = simulated.run(100s, 20s);
  EXPECT_EQ(evidence[0].comparison.verdict, Verdict::invalid);
  EXPECT_EQ(simulated.calls_of(0, Slices::Stage::screen), blocks_to_give_up * slices_a_block);
  EXPECT_EQ(evidence[1].comparison.verdict, Verdict::unchanged);

  Simulated hopeless({{.fails = true}, {.fails = true}});
  hopeless.run(100s, 20s);
  EXPECT_EQ(hopeless.calls().size(), 2 * blocks_to_give_up * slices_a_block);
}

TEST(Slices, KeepWhatWasMeasuredBeforeTheyWereInterrupted) {
  Simulated simulated({{}, {}});
  simulated.interrupt_after(61);  // within a block
  const std::vector<Evidence> evidence = simulated.run(600s, 60s);
  EXPECT_EQ(evidence[0].comparison.pairs + evidence[1].comparison.pairs, 30U);
}

std::vector<Screened> screened(const std::vector<double>& ratios, double noise) {
  std::mt19937_64 generator(37);
  std::vector<Screened> cells;
  for (const double ratio : ratios) {
    contend::testing::SomePairs pairs;
    pairs.add(40, ratio, noise, generator);
    cells.push_back({.evidence = {evaluate("x", compared_metric("wall_ns"), pairs.all(), {})},
                     .each_block = 1s});
  }
  return cells;
}

TEST(Plan, ServesSuspectsFirst) {
  const std::vector<Screened> cells = screened({1.06, 1.0, 1.0}, 0.06);
  ASSERT_TRUE(is_suspect(cells[0].evidence[0]));
  const auto much = blocks_to_confirm(cells, 10'000s, 0.01);
  const auto little = blocks_to_confirm(cells, 20s, 0.01);
  EXPECT_GT(much[0], 10U);
  EXPECT_GT(much[1], 0U);
  EXPECT_EQ(little[0], std::min(much[0], 20U));
  EXPECT_EQ(little[1] + little[2], 0U);
  EXPECT_EQ(blocks_to_confirm(cells, -1s, 0.01), (std::vector<unsigned>{0, 0, 0}));
}

TEST(Plan, FitsIntoTheTime) {
  std::mt19937_64 generator(41);
  for (int i = 0; i < 50; ++i) {
    std::vector<double> ratios;
    for (int cell = 0; cell < 8; ++cell)
      ratios.push_back(1 + static_cast<double>(uniform_below(generator, 100)) / 1000);
    const Duration time = std::chrono::seconds(uniform_below(generator, 300));
    unsigned blocks = 0;
    for (const unsigned each : blocks_to_confirm(screened(ratios, 0.05), time, 0.01))
      blocks += each;
    EXPECT_LE(std::chrono::seconds(blocks), time);
  }
}

TEST(Plan, WantsMoreForSmallerEffectsAndNothingForSettledOnes) {
  const auto wanted = [](double ratio, double noise) {
    return pairs_wanted(screened({ratio}, noise)[0].evidence, 50, 0.01);
  };
  EXPECT_EQ(wanted(1.0, 0.005), 0U);
  EXPECT_GT(wanted(1.04, 0.05), wanted(1.08, 0.05));
  EXPECT_GE(wanted(1.5, 0.05), 2 * min_pairs);
}

}  // namespace
}  // namespace contend::ab
