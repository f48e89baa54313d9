// What change points are worth on real noise: false ones in steady series, and how soon a step of
// five percent is found. The noise is recorded_noise.txt, pairs of rounds of one program as contend
// ab measures them (scripts/record_noise.py); of such pairs a commit's ratio is made, as contend ab
// does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

#include "harness/base/random.hpp"
#include "harness/stats/change_points.hpp"
#include "harness/stats/signed_rank.hpp"

namespace contend {
namespace {

using Values = std::vector<double>;

struct Recorded {
  std::string name;
  Values ratios;
};

std::vector<Recorded> recorded_noise() {
  std::ifstream file(CONTEND_SOURCE_DIR "/harness/stats/recorded_noise.txt");
  std::vector<Recorded> columns;
  std::string heading;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    if (line.starts_with("# ")) {
      heading = line.substr(2);
      continue;
    }
    if (columns.empty()) {
      std::istringstream names(heading);
      for (std::string name; names >> name;) columns.push_back({.name = name, .ratios = {}});
    }
    for (Recorded& column : columns) {
      double ratio = 0;
      if (words >> ratio) column.ratios.push_back(ratio);
    }
  }
  return columns;
}

/// What contend ab has of a cell after a screen of 20 s.
constexpr std::size_t pairs_of_a_commit = 40;
/// Pairs that follow each other in the recording stay together, about 10 s of them, so that their
/// noise keeps its correlation.
constexpr std::size_t stretch = 10;

/// Künsch's moving-block bootstrap (The Jackknife and the Bootstrap for General Stationary
/// Observations, 1989): stretches that begin anywhere in the recording, one after the other.
Values stretches(const Values& recorded, std::size_t count, std::mt19937_64& generator) {
  Values drawn;
  while (drawn.size() < count) {
    const std::size_t begin = uniform_below(generator, recorded.size() - stretch + 1);
    const auto from = recorded.begin() + static_cast<std::ptrdiff_t>(begin);
    drawn.insert(drawn.end(), from, from + stretch);
  }
  drawn.resize(count);
  return drawn;
}

/// Ratios of commits that changed nothing, each of pairs that are drawn in stretches.
Values commits_of(const Values& recorded, std::mt19937_64& generator,
                  std::size_t pairs = pairs_of_a_commit) {
  constexpr std::size_t commits_drawn = 1000;
  Values commits(commits_drawn);
  for (double& ratio : commits) {
    Values logs = stretches(recorded, pairs, generator);
    for (double& value : logs) value = std::log(value);
    ratio = std::exp(shift_of(logs, 0.95).estimate);
  }
  return commits;
}

Values resampled(const Values& commits, std::size_t count, std::mt19937_64& generator) {
  Values drawn(count);
  for (double& ratio : drawn) ratio = commits[uniform_below(generator, commits.size())];
  return drawn;
}

double deviation(const Values& ratios) {
  double sum = 0, squares = 0;
  for (const double ratio : ratios) sum += std::log(ratio);
  const double mean = sum / static_cast<double>(ratios.size());
  for (const double ratio : ratios) squares += (std::log(ratio) - mean) * (std::log(ratio) - mean);
  return std::sqrt(squares / static_cast<double>(ratios.size() - 1));
}

constexpr int series_drawn = 1000;

TEST(RecordedNoise, IsThere) {
  const auto columns = recorded_noise();
  ASSERT_EQ(columns.size(), 3U);
  for (const Recorded& column : columns) {
    EXPECT_GE(column.ratios.size(), 100U) << column.name;
    for (const double ratio : column.ratios) EXPECT_TRUE(ratio > 0.1 && ratio < 10) << ratio;
  }
}

/// In how many of `series_drawn` steady series of 60 commits there is a change, which is a false
/// one.
template <typename Draw>
int false_alarms(const Draw& draw) {
  int alarms = 0;
  for (int i = 0; i < series_drawn; ++i)
    alarms += change_points(draw(std::size_t{60}), {}).empty() ? 0 : 1;
  return alarms;
}

TEST(RecordedNoise, RaisesFewFalseAlarmsInSteadySeries) {
  std::mt19937_64 generator(20261126);
  for (const Recorded& column : recorded_noise()) {
    // A screen that was cut short to a half is judged as well; those of fewer are there to be
    // known, since all that is disturbed for a moment is a commit of its own then.
    for (const std::size_t pairs : {pairs_of_a_commit, pairs_of_a_commit / 2, stretch}) {
      const Values commits = commits_of(column.ratios, generator, pairs);
      const int alarms =
          false_alarms([&](std::size_t count) { return resampled(commits, count, generator); });
      std::printf("%s: commits of %zu pairs deviate by %.2f %%; a false change in %d of %d\n",
                  column.name.c_str(), pairs, 100 * deviation(commits), alarms, series_drawn);
      EXPECT_TRUE(pairs < pairs_of_a_commit / 2 || alarms <= series_drawn * 2 / 100) << column.name;
    }
  }
}

/// In how many of `series_drawn` series the step is found at its place once `later` commits have
/// followed its first one.
int found_after(const Values& commits, std::size_t later, double level,
                std::mt19937_64& generator) {
  constexpr std::size_t steady = 30;
  int found = 0;
  for (int i = 0; i < series_drawn; ++i) {
    Values ratios = resampled(commits, steady + 1 + later, generator);
    for (std::size_t at = steady; at < ratios.size(); ++at) ratios[at] *= level;
    // The last steady commit may pass for the first of the step, and the first for a steady one.
    found += std::ranges::any_of(change_points(ratios, {}), [&](const Change& change) {
      return change.index + 1 >= steady && change.index <= steady + 1 &&
             (change.after > change.before) == (level > 1);
    });
  }
  return found;
}

TEST(RecordedNoise, LetsAStepOfFivePercentBeFoundWithinThreeCommits) {
  std::mt19937_64 generator(20261126);
  for (const Recorded& column : recorded_noise()) {
    const Values commits = commits_of(column.ratios, generator);
    for (const double level : {1.05, 1 / 1.05}) {
      int found = 0;
      for (const std::size_t later : {1U, 3U}) {
        found = found_after(commits, later, level, generator);
        std::printf("%s: a step to %.3f is found in %d of %d series after %zu more commits\n",
                    column.name.c_str(), level, found, series_drawn, later);
      }
      EXPECT_GE(found, series_drawn * 95 / 100) << column.name;
    }
  }
}

}  // namespace
}  // namespace contend
