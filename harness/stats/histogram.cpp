// Log-linear latency histogram: what is done outside the measured path.
#include "harness/stats/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace contend {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 9> fields{
    "unit",   "significant_digits", "count",        "sum_ns", "min_ns",
    "max_ns", "saturated",          "index_deltas", "counts"};

[[noreturn]] void refuse(std::string_view field, std::string_view why) {
  throw std::invalid_argument(fmt::format("histogram: field '{}' {}", field, why));
}

const json& field_of(const json& object, std::string_view name) {
  const auto found = object.find(name);
  if (found == object.end()) refuse(name, "is missing");
  return *found;
}

std::uint64_t natural(const json& value, std::string_view field) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_integer() && value.get<std::int64_t>() >= 0)
    return static_cast<std::uint64_t>(value.get<std::int64_t>());
  refuse(field, "must hold integers from 0");
}

const json& array(const json& object, std::string_view field) {
  const json& value = field_of(object, field);
  if (!value.is_array()) refuse(field, "must be an array");
  return value;
}

std::uint64_t add(std::uint64_t a, std::uint64_t b, std::string_view field) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) refuse(field, "adds up to more than 64 bits hold");
  return sum;
}

/// a + times x each
std::uint64_t add_product(std::uint64_t a, std::uint64_t times, std::uint64_t each,
                          std::string_view field) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(times, each, &product))
    refuse(field, "adds up to more than 64 bits hold");
  return add(a, product, field);
}

/// An atomic_ref to what is const comes with C++26; the histogram itself never is.
std::uint64_t shared_value(const std::uint64_t& value) {
  return std::atomic_ref(const_cast<std::uint64_t&>(value)).load(std::memory_order_relaxed);
}

/// What `counts` can add up to, nearest to `sum_ns`: it was read while another thread recorded, and
/// who reads a histogram back takes no sum that can't be.
std::uint64_t fitting_sum(std::uint64_t sum_ns, const std::vector<std::uint64_t>& counts,
                          std::uint64_t min_ns, std::uint64_t max_ns) {
  std::uint64_t least = 0, greatest = 0;
  for (std::size_t i = Histogram::index_of(min_ns); i <= Histogram::index_of(max_ns); ++i) {
    least += counts[i] * Histogram::lowest_at(i);
    greatest += counts[i] * Histogram::highest_at(i);
  }
  return std::clamp(sum_ns, least, greatest);
}

void check_shape(const json& object) {
  if (!object.is_object()) throw std::invalid_argument("histogram: not a JSON object");
  for (const auto& [name, value] : object.items())
    if (std::ranges::find(fields, name) == fields.end()) refuse(name, "is unknown");
  if (field_of(object, "unit") != "ns") refuse("unit", "must be \"ns\"");
  if (field_of(object, "significant_digits") != 3) refuse("significant_digits", "must be 3");
}

}  // namespace

void Histogram::merge(const Histogram& other) noexcept {
  if (other.count_ == 0) return;
  for (std::size_t i = index_of(other.min_ns_); i <= index_of(other.max_ns_); ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
  saturated_ += other.saturated_;
  sum_ns_ += other.sum_ns_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

/// Of what `count_at` says of each counter; outside of the bounds there is nothing.
template <typename CountAt>
Histogram Histogram::from_counters(std::uint64_t min_ns, std::uint64_t max_ns,
                                   const CountAt& count_at) {
  Histogram result;
  if (min_ns > max_ns) return result;
  const std::size_t end = index_of(max_ns) + 1;
  std::size_t first = end, last = 0;
  for (std::size_t i = index_of(min_ns); i < end; ++i) {
    const std::uint64_t count = count_at(i);
    if (count == 0) continue;
    result.counts_[i] = count;
    result.count_ += count;
    first = std::min(first, i);
    last = i;
  }
  if (result.count_ == 0) return result;
  result.min_ns_ = std::max(lowest_at(first), min_ns);
  result.max_ns_ = std::min(highest_at(last), max_ns);
  return result;
}

Histogram Histogram::snapshot() const {
  Histogram result = from_counters(shared_value(min_ns_), shared_value(max_ns_),
                                   [&](std::size_t i) { return shared_value(counts_[i]); });
  result.sum_ns_ =
      fitting_sum(shared_value(sum_ns_), result.counts_, result.min_ns_, result.max_ns_);
  if (result.max_ns_ == highest_ns)
    result.saturated_ = std::min(shared_value(saturated_), result.counts_.back());
  return result;
}

Histogram Histogram::since(const Histogram& earlier) const {
  Histogram result = from_counters(min_ns_, max_ns_,
                                   [&](std::size_t i) { return counts_[i] - earlier.counts_[i]; });
  result.sum_ns_ =
      fitting_sum(sum_ns_ - earlier.sum_ns_, result.counts_, result.min_ns_, result.max_ns_);
  if (result.max_ns_ == highest_ns)
    result.saturated_ = std::min(saturated_ - earlier.saturated_, result.counts_.back());
  return result;
}

void Histogram::clear() noexcept {
  std::ranges::fill(counts_, 0);
  count_ = saturated_ = sum_ns_ = max_ns_ = 0;
  min_ns_ = UINT64_MAX;
}

Histogram::Duration Histogram::min() const noexcept {
  return Duration(count_ == 0 ? 0 : min_ns_);
}

double Histogram::mean_ns() const noexcept {
  return count_ == 0 ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(count_);
}

double Histogram::standard_deviation_ns() const noexcept {
  if (count_ == 0) return 0;
  const double mean = mean_ns();
  double squares = 0;
  for (std::size_t i = index_of(min_ns_); i <= index_of(max_ns_); ++i) {
    const double middle = static_cast<double>(lowest_at(i) + highest_at(i)) / 2;
    squares += static_cast<double>(counts_[i]) * (middle - mean) * (middle - mean);
  }
  return std::sqrt(squares / static_cast<double>(count_));
}

Histogram::Duration Histogram::value_at(double percentile) const noexcept {
  if (count_ == 0) return {};
  if (!(percentile > 0)) return min();
  if (percentile >= 100) return max();
  // The long double keeps 99.9 % of 1000 at rank 999: 99.9 itself is a hair above 999/10 as a
  // double, and without the allowance the ceiling would make 1000 of it.
  const long double exact = static_cast<long double>(percentile) / 100 * count_;
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(exact * (1 - 1e-14L))));
  std::uint64_t seen = 0;
  for (std::size_t i = index_of(min_ns_); i <= index_of(max_ns_); ++i) {
    seen += counts_[i];
    if (seen >= rank) return Duration(std::min(highest_at(i), max_ns_));
  }
  return max();
}

json Histogram::to_json() const {
  json deltas = json::array(), counts = json::array();
  std::size_t previous = 0;
  const std::size_t end = count_ == 0 ? 0 : index_of(max_ns_) + 1;
  for (std::size_t i = count_ == 0 ? 0 : index_of(min_ns_); i < end; ++i) {
    if (counts_[i] == 0) continue;
    deltas.push_back(i - previous);
    counts.push_back(counts_[i]);
    previous = i;
  }
  return {{"unit", "ns"},
          {"significant_digits", 3},
          {"count", count_},
          {"sum_ns", sum_ns_},
          {"min_ns", count_ == 0 ? json() : json(min_ns_)},
          {"max_ns", count_ == 0 ? json() : json(max_ns_)},
          {"saturated", saturated_},
          {"index_deltas", std::move(deltas)},
          {"counts", std::move(counts)}};
}

Histogram Histogram::from_json(const json& object) {
  check_shape(object);
  const json& deltas = array(object, "index_deltas");
  const json& counts = array(object, "counts");
  if (deltas.size() != counts.size()) refuse("counts", "must be as long as 'index_deltas'");

  Histogram result;
  std::size_t index = 0, first = 0;
  std::uint64_t min_sum = 0, max_sum = 0;
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const std::uint64_t delta = natural(deltas[i], "index_deltas");
    if (i > 0 && delta == 0) refuse("index_deltas", "names a counter twice");
    if (delta >= counter_count - index) refuse("index_deltas", "goes beyond the last counter");
    index += delta;
    if (i == 0) first = index;
    const std::uint64_t count = natural(counts[i], "counts");
    if (count == 0) refuse("counts", "must not hold 0");
    result.counts_[index] = count;
    result.count_ = add(result.count_, count, "counts");
    min_sum = add_product(min_sum, count, lowest_at(index), "counts");
    max_sum = add_product(max_sum, count, highest_at(index), "counts");
  }

  if (natural(field_of(object, "count"), "count") != result.count_)
    refuse("count", "is not the sum of 'counts'");
  result.sum_ns_ = natural(field_of(object, "sum_ns"), "sum_ns");
  if (result.sum_ns_ < min_sum || result.sum_ns_ > max_sum)
    refuse("sum_ns", "can't be the sum of what is in the counters");
  result.saturated_ = natural(field_of(object, "saturated"), "saturated");
  if (result.saturated_ > result.counts_.back())
    refuse("saturated", "is more than the last counter holds");

  const json& min = field_of(object, "min_ns");
  const json& max = field_of(object, "max_ns");
  if (result.count_ == 0) {
    if (!min.is_null()) refuse("min_ns", "must be null where nothing was recorded");
    if (!max.is_null()) refuse("max_ns", "must be null where nothing was recorded");
    return result;
  }
  result.min_ns_ = natural(min, "min_ns");
  if (result.min_ns_ < lowest_at(first) || result.min_ns_ > highest_at(first))
    refuse("min_ns", "is not in the first counter");
  result.max_ns_ = natural(max, "max_ns");
  if (result.max_ns_ < std::max(lowest_at(index), result.min_ns_) ||
      result.max_ns_ > std::min(highest_at(index), highest_ns))
    refuse("max_ns", "is not in the last counter");
  if (result.saturated_ > 0 && result.max_ns_ != highest_ns)
    refuse("max_ns", "must be one hour where something was longer");
  return result;
}

std::string Histogram::percentile_text() const {
  constexpr double steps_per_halving = 5, ns_per_ms = 1e6;
  std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                 "TotalCount", "1/(1-Percentile)");
  const auto out = std::back_inserter(text);
  const auto total = static_cast<double>(count_);
  double level = 0;  // percent
  std::uint64_t seen = 0;
  for (std::size_t i = count_ == 0 ? counts_.size() : index_of(min_ns_); i <= index_of(max_ns_);
       ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double value = static_cast<double>(std::min(highest_at(i), max_ns_)) / ns_per_ms;
    // The last counter gets one line only: every further level would name the maximum again.
    while (static_cast<double>(seen) * 100 >= level * total) {
      fmt::format_to(out, "{:12.6f} {:14.12f} {:10} {:14.2f}\n", value, level / 100, seen,
                     1 / (1 - level / 100));
      const double halvings = std::floor(std::log2(100 / (100 - level))) + 1;
      level += 100 / (steps_per_halving * std::exp2(halvings));
      if (seen == count_) break;
    }
  }
  // The last line has no fourth column: 1/(1-1) is nothing that a plot could show.
  if (count_ > 0)
    fmt::format_to(out, "{:12.6f} {:14.12f} {:10}\n", static_cast<double>(max_ns_) / ns_per_ms, 1.0,
                   count_);
  fmt::format_to(out, "#[Mean    = {:12.6f}, StdDeviation   = {:12.6f}]\n", mean_ns() / ns_per_ms,
                 standard_deviation_ns() / ns_per_ms);
  fmt::format_to(out, "#[Max     = {:12.6f}, Total count    = {:12}]\n",
                 static_cast<double>(max_ns_) / ns_per_ms, count_);
  fmt::format_to(out, "#[Buckets = {:12}, SubBuckets     = {:12}]\n", counter_count / half,
                 sub_buckets);
  return text;
}

}  // namespace contend
