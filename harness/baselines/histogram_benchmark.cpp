// What recording a latency costs: at most 20 ns, or it would show in what is measured. Try it:
//   build/release/histogram_benchmark
#include "harness/stats/histogram.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

namespace contend {
namespace {

/// Latencies such as a load sees them: lognormal around 60 us, over some thousand counters.
std::vector<Histogram::Duration> latencies() {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> distribution(11, 0.7);
  std::vector<Histogram::Duration> drawn(1 << 14);
  for (Histogram::Duration& one : drawn)
    one = Histogram::Duration(static_cast<std::int64_t>(distribution(random)));
  return drawn;
}

void record(benchmark::State& state) {
  const auto drawn = latencies();
  Histogram histogram;
  std::size_t i = 0;
  for (auto _ : state) {
    histogram.record(drawn[i++ % drawn.size()]);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(record);

void merge(benchmark::State& state) {
  Histogram one, other;
  for (const Histogram::Duration latency : latencies()) one.record(latency);
  for (auto _ : state) {
    other.merge(one);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(merge);

void value_at(benchmark::State& state) {
  Histogram histogram;
  for (const Histogram::Duration latency : latencies()) histogram.record(latency);
  for (auto _ : state) benchmark::DoNotOptimize(histogram.value_at(99.9));
}
BENCHMARK(value_at);

}  // namespace
}  // namespace contend

BENCHMARK_MAIN();
