// The histogram against sorted samples.
#include "harness/stats/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include "harness/testing/allocation_counter.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Random = std::mt19937_64;

std::vector<std::uint64_t> samples_of(const std::function<double(Random&)>& draw,
                                      std::size_t count) {
  Random random(20260729);
  std::vector<std::uint64_t> samples(count);
  for (std::uint64_t& sample : samples)
    sample = static_cast<std::uint64_t>(std::clamp(draw(random), 0.0, 3.6e12));
  return samples;
}

Histogram recorded(const std::vector<std::uint64_t>& samples) {
  Histogram histogram;
  for (const std::uint64_t ns : samples)
    histogram.record(std::chrono::nanoseconds(static_cast<std::int64_t>(ns)));
  return histogram;
}

struct Distribution {
  const char* name;
  std::function<double(Random&)> draw;
};

const std::vector<Distribution>& distributions() {
  static const std::vector<Distribution> all{
      {"uniform_short", [](Random& r) { return std::uniform_real_distribution(0.0, 3e3)(r); }},
      {"uniform_long", [](Random& r) { return std::uniform_real_distribution(1e3, 3.6e12)(r); }},
      {"lognormal", [](Random& r) { return std::lognormal_distribution(11.0, 1.5)(r); }},
      {"exponential", [](Random& r) { return std::exponential_distribution(1e-6)(r); }},
      {"constant", [](Random&) { return 5e6; }},
      {"two_modes", [](Random& r) { return std::bernoulli_distribution(0.01)(r) ? 1.0e8 : 1.0e5; }},
      {"octave_edges",
       [](Random& r) {
         const int bit = std::uniform_int_distribution(10, 41)(r);
         return std::ldexp(1.0, bit) + std::uniform_int_distribution(-1, 1)(r);
       }},
  };
  return all;
}

TEST(HistogramTest, EveryPercentileIsTrueToAThousandthAndNeverUnderstated) {
  for (const Distribution& distribution : distributions()) {
    auto sorted = samples_of(distribution.draw, 20'011);
    const Histogram histogram = recorded(sorted);
    std::ranges::sort(sorted);
    for (const double percentile :
         {0.001, 1.0, 10.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99, 99.999}) {
      const auto rank = static_cast<std::size_t>(
          std::ceil(percentile / 100 * static_cast<double>(sorted.size()) - 1e-9));
      const auto exact = static_cast<double>(sorted[std::max<std::size_t>(rank, 1) - 1]);
      const auto value = static_cast<double>(histogram.value_at(percentile).count());
      EXPECT_GE(value, exact) << distribution.name << ' ' << percentile;
      EXPECT_LE(value, exact * 1.001) << distribution.name << ' ' << percentile;
    }
    EXPECT_EQ(histogram.count(), sorted.size());
    EXPECT_EQ(histogram.min().count(), static_cast<std::int64_t>(sorted.front()));
    EXPECT_EQ(histogram.max().count(), static_cast<std::int64_t>(sorted.back()));
    EXPECT_EQ(histogram.value_at(0), histogram.min());
    EXPECT_EQ(histogram.value_at(100), histogram.max());
    long double sum = 0;
    for (const std::uint64_t ns : sorted) sum += ns;
    const auto mean = static_cast<double>(sum / static_cast<long double>(sorted.size()));
    EXPECT_NEAR(histogram.mean_ns(), mean, mean * 1e-12) << distribution.name;
  }
}

TEST(HistogramTest, NearestRankIsExactWhereThePercentileFallsOnARank) {
  Histogram histogram;
  for (int ns = 1; ns <= 1000; ++ns) histogram.record(std::chrono::nanoseconds(ns));
  EXPECT_EQ(histogram.value_at(50), 500ns);
  EXPECT_EQ(histogram.value_at(99), 990ns);
  EXPECT_EQ(histogram.value_at(99.9), 999ns);
  EXPECT_EQ(histogram.value_at(99.91), 1000ns);
  EXPECT_EQ(histogram.value_at(0.05), 1ns);
  EXPECT_EQ(histogram.value_at(-3), 1ns);
  EXPECT_EQ(histogram.value_at(101), 1000ns);
  EXPECT_EQ(histogram.value_at(std::nan("")), 1ns);
}

TEST(HistogramTest, CountersAreContiguousAndNarrow) {
  constexpr std::uint64_t hour = 3'600'000'000'000;
  const std::size_t last = Histogram::index_of(hour);
  for (std::size_t i = 0; i <= last; ++i) {
    const std::uint64_t low = Histogram::lowest_at(i), high = Histogram::highest_at(i);
    ASSERT_EQ(Histogram::index_of(low), i);
    ASSERT_EQ(Histogram::index_of(high), i);
    ASSERT_EQ(Histogram::lowest_at(i + 1), high + 1);
    ASSERT_LE((high - low) * 1024, low);
  }
  // The layout itself, as HdrHistogram has it: 1024 counters an octave.
  EXPECT_EQ(Histogram::index_of(2047), 2047U);
  EXPECT_EQ(Histogram::index_of(2048), 2048U);
  EXPECT_EQ(Histogram::index_of(2049), 2048U);
  EXPECT_EQ(Histogram::index_of(4096), 3072U);
}

TEST(HistogramTest, EmptyIsAllZeroes) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0U);
  EXPECT_EQ(empty.min(), 0ns);
  EXPECT_EQ(empty.max(), 0ns);
  EXPECT_EQ(empty.value_at(50), 0ns);
  EXPECT_EQ(empty.value_at(100), 0ns);
  EXPECT_EQ(empty.mean_ns(), 0);
  EXPECT_EQ(empty.standard_deviation_ns(), 0);
  EXPECT_EQ(Histogram::from_json(empty.to_json()), empty);
  EXPECT_TRUE(empty.to_json()["min_ns"].is_null());
}

TEST(HistogramTest, OutOfRangeIsClampedAndCounted) {
  Histogram histogram;
  histogram.record(-5ns);
  histogram.record(1h);
  histogram.record(1h + 1ns);
  histogram.record(Histogram::Duration::max());
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(histogram.saturated(), 2U);
  EXPECT_EQ(histogram.min(), 0ns);
  EXPECT_EQ(histogram.max(), 1h);
  EXPECT_EQ(histogram.value_at(50), 1h);
  EXPECT_EQ(Histogram::from_json(histogram.to_json()), histogram);
}

TEST(HistogramTest, MergingEqualsRecordingBoth) {
  for (const Distribution& one : distributions())
    for (const Distribution& other : distributions()) {
      auto left = samples_of(one.draw, 997), right = samples_of(other.draw, 401);
      Histogram merged = recorded(left);
      merged.record(2h);
      merged.merge(recorded(right));
      left.insert(left.end(), right.begin(), right.end());
      Histogram both = recorded(left);
      both.record(2h);
      ASSERT_EQ(merged, both) << one.name << " + " << other.name;
    }
  Histogram histogram = recorded({1, 2, 3});
  const Histogram before = histogram;
  histogram.merge(Histogram());
  EXPECT_EQ(histogram, before);
  Histogram empty;
  empty.merge(before);
  EXPECT_EQ(empty, before);
  empty.clear();
  EXPECT_EQ(empty, Histogram());
}

TEST(HistogramTest, RecordingSoManyAtOnceEqualsRecordingEach) {
  Histogram at_once, one_by_one;
  for (const Histogram::Duration value : {-1ns, 0ns, 2047ns, 35000ns, Histogram::Duration(2h)})
    for (const std::uint64_t times : {0U, 1U, 16U}) {
      at_once.record(value, times);
      for (std::uint64_t i = 0; i < times; ++i) one_by_one.record(value);
    }
  EXPECT_EQ(at_once, one_by_one);
}

TEST(HistogramTest, RecordingAllocatesNothing) {
  Histogram histogram, other;
  Random random(3);
  const std::uint64_t before = allocations_of_this_thread();
  for (int i = 0; i < 100'000; ++i)
    histogram.record(std::chrono::nanoseconds(random() >> (random() % 64)));
  other.merge(histogram);
  EXPECT_EQ(allocations_of_this_thread(), before);
  EXPECT_EQ(other, histogram);
}

TEST(HistogramTest, SurvivesTheRoundTripThroughText) {
  for (const Distribution& distribution : distributions()) {
    const Histogram histogram = recorded(samples_of(distribution.draw, 5'000));
    EXPECT_EQ(Histogram::from_json(json::parse(histogram.to_json().dump())), histogram)
        << distribution.name;
  }
}

std::string json_refusal(const json& object) {
  try {
    Histogram::from_json(object);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(HistogramTest, RefusesByNamingTheField) {
  const json good = recorded({10, 20, 20, 5'000'000}).to_json();
  ASSERT_EQ(json_refusal(good), "accepted");
  for (const auto& [name, value] : good.items()) {
    json missing = good;
    missing.erase(name);
    EXPECT_NE(json_refusal(missing).find("'" + name + "' is missing"), std::string::npos);
    for (const json& wrong : {json("text"), json(-1), json(1.5), json::object(), json(true)}) {
      json bad = good;
      bad[name] = wrong;
      EXPECT_NE(json_refusal(bad).find(name), std::string::npos) << bad;
    }
  }
  const auto expect_refused = [&](const char* field, const json& value) {
    json bad = good;
    bad[field] = value;
    EXPECT_NE(json_refusal(bad).find("'" + std::string(field) + "'"), std::string::npos) << bad;
  };
  expect_refused("mystery", 1);
  expect_refused("unit", "ms");
  expect_refused("significant_digits", 2);
  expect_refused("count", 5);
  expect_refused("sum_ns", 50);
  expect_refused("sum_ns", 50'000'000);
  expect_refused("min_ns", 9);
  expect_refused("min_ns", nullptr);
  expect_refused("max_ns", 6'000'000);
  expect_refused("saturated", 2);
  expect_refused("counts", {1, 2});
  expect_refused("counts", {1, 0, 3});
  expect_refused("counts", {UINT64_MAX, 2, 1});
  expect_refused("index_deltas", {10, 0, 13'000});
  expect_refused("index_deltas", {10, UINT64_MAX, 1});
  expect_refused("index_deltas", {33'421, 1, 1});
  EXPECT_EQ(json_refusal(json::array()), "histogram: not a JSON object");
  EXPECT_EQ(json_refusal(json()), "histogram: not a JSON object");
}

/// Changes one thing somewhere in the document.
void damage(json& document, Random& random) {
  const auto pick = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  static const json odd[] = {json(),    json(-1),   json(0),          json(UINT64_MAX), json(1e300),
                             json("x"), json(true), json::array({1}), json(33'420),     json(2048)};
  auto field = document.begin();
  std::advance(field, static_cast<std::ptrdiff_t>(pick(document.size())));
  if (field->is_array() && !field->empty() && pick(4) != 0) {
    json& element = (*field)[pick(field->size())];
    switch (pick(4)) {
      case 0: element = odd[pick(std::size(odd))]; break;
      case 1: element = random() >> pick(64); break;
      case 2: field->erase(pick(field->size())); break;
      default: field->push_back(random() >> pick(64)); break;
    }
  } else if (pick(2) == 0) {
    *field = odd[pick(std::size(odd))];
  } else {
    *field = random() >> pick(64);
  }
}

TEST(HistogramTest, WhateverIsReadIsRefusedOrSound) {
  Random random(7);
  int accepted = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::uint64_t> samples(round % 7);
    for (std::uint64_t& sample : samples) sample = random() >> (22 + random() % 42);
    json document = recorded(samples).to_json();
    for (int changes = round % 3; changes >= 0; --changes) damage(document, random);
    try {
      const Histogram histogram = Histogram::from_json(document);
      // What was accepted means one thing only, and says the same again.
      ASSERT_EQ(Histogram::from_json(histogram.to_json()), histogram);
      ASSERT_EQ(histogram.to_json(), document);
      ASSERT_LE(histogram.min(), histogram.max());
      ASSERT_LE(histogram.value_at(50), histogram.max());
      ++accepted;
    } catch (const std::invalid_argument& error) {
      ASSERT_NE(std::string(error.what()).find("histogram: "), std::string::npos);
    }
  }
  EXPECT_GT(accepted, 5);  // some damage is harmless, such as a sum that is off by one
}

TEST(HistogramTest, PercentileTextIsWhatThePlotterReads) {
  Histogram histogram;
  for (int ms = 1; ms <= 1000; ++ms) histogram.record(std::chrono::milliseconds(ms));
  const std::string text = histogram.percentile_text();
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "       Value     Percentile TotalCount 1/(1-Percentile)");
  std::getline(lines, line);
  EXPECT_EQ(line, "");
  double value = 0, percentile = -1, last = -1;
  std::uint64_t total = 0;
  int rows = 0;
  while (std::getline(lines, line) && line.front() != '#') {
    std::istringstream row(line);
    double inverse = 0;
    row >> value >> percentile >> total;
    EXPECT_GE(percentile, last);
    last = percentile;
    // The value at a level is the value of its rank, in ms.
    EXPECT_NEAR(value, std::max(1.0, std::ceil(percentile * 1000 - 1e-9)), value * 0.001) << line;
    if (percentile < 1) {
      row >> inverse;
      EXPECT_NEAR(inverse, 1 / (1 - percentile), 0.006) << line;
    }
    ++rows;
  }
  EXPECT_EQ(percentile, 1);
  EXPECT_EQ(value, 1000);
  EXPECT_EQ(total, 1000U);
  EXPECT_GT(rows, 40);
  double deviation = 0;
  ASSERT_EQ(sscanf(line.c_str(), "#[Mean    =   500.500000, StdDeviation   = %lf]", &deviation), 1)
      << line;
  EXPECT_NEAR(deviation, std::sqrt((1e6 - 1) / 12), 0.1);
  std::getline(lines, line);
  EXPECT_EQ(line, "#[Max     =  1000.000000, Total count    =         1000]");
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("#[Buckets = ")) << line;
  EXPECT_NE(Histogram().percentile_text().find("Total count    =            0]"),
            std::string::npos);
}

TEST(Histogram, TellsWhatWasRecordedSinceACopy) {
  Histogram all;
  EXPECT_EQ(all.snapshot(), all);
  EXPECT_EQ(all.since(all), Histogram());
  for (const auto value : {3ms, 5ms, 900ms}) all.record(value);
  const Histogram before = all.snapshot();
  EXPECT_EQ(before, all);
  Histogram later;
  for (const auto value : {5ms, 70ms, 71ms}) {
    all.record(value);
    later.record(value);
  }
  const Histogram since = all.since(before);
  EXPECT_EQ(since.count(), 3U);
  EXPECT_EQ(since.mean_ns(), later.mean_ns());
  for (const double percentile : {1.0, 50.0, 99.0, 100.0})
    EXPECT_NEAR(static_cast<double>(since.value_at(percentile).count()),
                static_cast<double>(later.value_at(percentile).count()), 71e6 / 1024);
}

/// Under the thread sanitizer this says, too, that it may be done.
TEST(Histogram, CanBeCopiedWhileItRecords) {
  Histogram all;
  std::atomic<bool> over{false};
  std::thread writer([&] {
    for (int i = 0; !over; ++i) all.record(Histogram::Duration(i % 100'000));
  });
  Histogram last;
  for (int i = 0; i < 20 || last.count() == 0; ++i) {
    const Histogram next = all.snapshot();
    EXPECT_GE(next.count(), last.count());
    EXPECT_NO_THROW(Histogram::from_json(next.since(last).to_json())) << "it fits together";
    last = next;
  }
  over = true;
  writer.join();
  EXPECT_GE(all.count(), last.count());
}

}  // namespace
}  // namespace contend
