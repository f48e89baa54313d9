// Latencies in fixed memory: a log-linear histogram in the layout of HdrHistogram with three
// significant digits. It is not a store of samples: what comes out is true to 0.1 %.
//   Histogram h; h.record(35us); h.value_at(99.9);
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace contend {

/// Counts of nanosecond values from 0 to one hour. Below 2048 ns each value has a counter of its
/// own; above, each octave is divided into 1024, so a value and its counter's bounds differ by
/// less than 1/1024. Some 261 KiB, allocated and touched by the constructor and never again.
/// Not synchronised: one thread at a time, but for `snapshot`.
class Histogram {
 public:
  using Duration = std::chrono::nanoseconds;

  static constexpr std::uint64_t sub_buckets = 2048;
  /// Longer ones are recorded as this and counted as `saturated`, too.
  static constexpr Duration highest = std::chrono::hours(1);

  Histogram() : counts_(counter_count) {}

  /// So many times the same value. Allocates nothing and never fails. A negative duration is
  /// recorded as 0.
  void record(Duration value, std::uint64_t times = 1) noexcept {
    std::uint64_t ns = value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count());
    if (ns > highest_ns) [[unlikely]] {
      ns = highest_ns;
      raise(saturated_, times);
    }
    raise(counts_[index_of(ns)], times);
    raise(count_, times);
    raise(sum_ns_, ns * times);
    if (ns < min_ns_) std::atomic_ref(min_ns_).store(ns, std::memory_order_relaxed);
    if (ns > max_ns_) std::atomic_ref(max_ns_).store(ns, std::memory_order_relaxed);
  }

  /// A copy, from any thread, while another one records: what is recorded meanwhile may be in it or
  /// not, and its sum may be off by that.
  Histogram snapshot() const;
  /// What was recorded since `earlier`, an earlier copy of this one: its extremes are true to the
  /// bounds of their counters.
  Histogram since(const Histogram& earlier) const;

  /// Afterwards this is, bit for bit, what recording both into one would have made.
  void merge(const Histogram& other) noexcept;
  /// Forgets all; the memory stays.
  void clear() noexcept;

  std::uint64_t count() const noexcept { return count_; }
  /// How many were longer than `highest`.
  std::uint64_t saturated() const noexcept { return saturated_; }
  /// Exact; 0 while empty.
  Duration min() const noexcept;
  /// Exact up to `highest`; 0 while empty.
  Duration max() const noexcept { return Duration(max_ns_); }
  /// Exact but for the rounding of a double; 0 while empty.
  double mean_ns() const noexcept;
  /// Of the counters' midpoints; 0 while empty.
  double standard_deviation_ns() const noexcept;

  /// The nearest-rank percentile: the smallest value that at least ceil(percentile/100 x count)
  /// of the values don't exceed, rounded up to its counter's upper bound, so that it is never
  /// understated, by less than 0.1 %; never above `max()`. Percentile 0 is `min()`, 100 is
  /// `max()`, outside is clamped. 0 while empty.
  Duration value_at(double percentile) const noexcept;

  /// Compact and sparse: {"unit": "ns", "significant_digits": 3, "count", "sum_ns", "min_ns",
  /// "max_ns" (null while empty), "saturated", "index_deltas": [...], "counts": [...]}: the
  /// counters that aren't 0, in order; the first delta is the first one's index, each next is the
  /// distance to the one before. Counter i holds i where i < 2048; above, with o = i/1024 - 1, it
  /// holds the 2^o values from (1024 + i%1024) x 2^o.
  nlohmann::json to_json() const;
  /// Throws std::invalid_argument that names the field that is missing, unknown, out of range or
  /// at odds with the others.
  static Histogram from_json(const nlohmann::json& object);

  /// The percentile distribution as text, as HdrHistogram writes and its plotter reads it, in
  /// milliseconds: `Value Percentile TotalCount 1/(1-Percentile)`, five steps each time that the
  /// distance to 100 % halves, and a footer.
  std::string percentile_text() const;

  /// The counter of a value up to `highest`, and the values that share a counter.
  static constexpr std::size_t index_of(std::uint64_t ns) noexcept {
    const unsigned octave =
        static_cast<unsigned>(std::bit_width(ns | (sub_buckets - 1))) - sub_bucket_bits;
    return octave * half + static_cast<std::size_t>(ns >> octave);
  }
  static constexpr std::uint64_t lowest_at(std::size_t index) noexcept {
    if (index < sub_buckets) return index;
    const std::size_t octave = index / half - 1;
    return (half + index % half) << octave;
  }
  static constexpr std::uint64_t highest_at(std::size_t index) noexcept {
    return lowest_at(index + 1) - 1;
  }

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  /// There is one writer, so this needs no locked instruction, and costs what `+=` does.
  static void raise(std::uint64_t& counter, std::uint64_t by) noexcept {
    const std::atomic_ref shared(counter);
    shared.store(shared.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  template <typename CountAt>
  static Histogram from_counters(std::uint64_t min_ns, std::uint64_t max_ns,
                                 const CountAt& count_at);

  static constexpr std::uint64_t half = sub_buckets / 2;
  static constexpr unsigned sub_bucket_bits = 11;
  static constexpr std::uint64_t highest_ns = static_cast<std::uint64_t>(highest.count());
  static const std::size_t counter_count;

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0, saturated_ = 0;
  std::uint64_t sum_ns_ = 0;  // 5 million values of an hour each would be needed to overflow it
  std::uint64_t min_ns_ = UINT64_MAX, max_ns_ = 0;
};

inline constexpr std::size_t Histogram::counter_count = Histogram::index_of(highest_ns) + 1;

}  // namespace contend
