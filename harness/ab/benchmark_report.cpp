// What a program made with Google Benchmark says of itself.
#include "harness/ab/benchmark_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "harness/base/json.hpp"
#include "harness/bench/suite.hpp"
#include "harness/process/child.hpp"

namespace contend::ab {
namespace {

using nlohmann::json;

constexpr std::size_t max_name_length = 1000;
/// No iteration takes less: far below what a processor could do, and far from where rates overflow.
constexpr double shortest_ns = 1e-6;

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

std::string fitting(std::string_view name) {
  std::string fit;
  for (const char letter : name) {
    if (is_letter_or_digit(letter) || letter == '_' || letter == '.' || letter == '-')
      fit += letter;
    else
      fit += letter == '/' ? '.' : '_';
  }
  return fit.empty() || !is_letter_or_digit(fit.front()) ? "b" + fit : fit;
}

/// One run of the benchmark: so many iterations, and what each took.
struct Repetition {
  double iterations = 0, real_ns = 0, cpu_ns = 0;
};

double nanoseconds_of(const std::string& unit) {
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  return unit == "ms" ? 1e6 : 1e9;
}

/// Fields beside these are counters, which benchmarks name as they like.
Repetition parse_repetition(Fields& fields) {
  const double unit = nanoseconds_of(fields.choice("time_unit", {"ns", "us", "ms", "s"}));
  const Repetition repetition{.iterations = static_cast<double>(fields.integer("iterations", 1)),
                              .real_ns = fields.number("real_time") * unit,
                              .cpu_ns = fields.number("cpu_time") * unit};
  if (!(repetition.real_ns > shortest_ns)) fields.refuse("real_time", "must be above 0");
  if (!(repetition.cpu_ns >= 0)) fields.refuse("cpu_time", "must not be below 0");
  return repetition;
}

[[noreturn]] void throw_error_of(Fields& fields, const std::string& name) {
  throw ChildFailure(fmt::format("{} says: {}", name, fields.string_or("error_message", "error")));
}

}  // namespace

std::vector<std::string> parse_benchmark_list(std::string_view text, const std::string& where) {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const bool is_plain = std::ranges::none_of(line, [](char letter) {
      return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
    });
    if (line.empty() || line.size() > max_name_length || !is_plain)
      throw std::invalid_argument(
          fmt::format("{} --benchmark_list_tests: {} is no name of a benchmark; was it made with "
                      "Google Benchmark?",
                      where, quote_for_display(line)));
    if (!seen.insert(line).second)
      throw std::invalid_argument(
          fmt::format("{} has the benchmark {} twice, and only one of them could be measured",
                      where, quote_for_display(line)));
    names.emplace_back(line);
  }
  if (names.empty())
    throw std::invalid_argument(
        fmt::format("{} lists no benchmark; was it made with Google Benchmark?", where));
  if (names.size() > max_cells)
    throw std::invalid_argument(fmt::format("{} lists more than {} benchmarks", where, max_cells));
  return names;
}

void take_benchmark_report(std::string_view text, const std::string& name, Sample& sample) {
  const std::string where = "the report of " + name;
  const json whole = parse_json(text, where);
  Fields report(whole, where);
  Repetition sum;
  report.each("benchmarks", [&](const json& element, const std::string& element_where) {
    Fields fields(element, element_where);
    if (fields.choice("run_type", {"iteration", "aggregate"}) == "aggregate") return;
    if (const std::string run = fields.string("run_name"); run != name)
      fields.refuse("run_name",
                    "must be " + quote_for_display(name) + ", not " + quote_for_display(run));
    if (fields.boolean_or("error_occurred", false)) throw_error_of(fields, name);
    const Repetition one = parse_repetition(fields);
    sum.iterations += one.iterations;
    sum.real_ns += one.iterations * one.real_ns;
    sum.cpu_ns += one.iterations * one.cpu_ns;
  });
  if (sum.iterations == 0)
    report.refuse("benchmarks", "has no iterations of " + quote_for_display(name));
  constexpr double longest_ns = 1e18;
  if (!(sum.real_ns < longest_ns) || !std::isfinite(sum.cpu_ns) || sum.iterations >= longest_ns)
    report.refuse("benchmarks", "say that it took longer than thirty years");
  sample.operations = static_cast<std::uint64_t>(sum.iterations);
  sample.window_ns = static_cast<std::int64_t>(sum.real_ns);
  sample.metrics["throughput_per_s"] = sum.iterations * 1e9 / sum.real_ns;
  sample.metrics["cpu_ns_per_operation"] = sum.cpu_ns / sum.iterations;
}

std::vector<std::string> fitting_names(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  std::set<std::string> taken;
  for (const std::string& name : names) {
    const std::string fit = fitting(name);
    std::string one = fit;
    for (unsigned number = 2; !taken.insert(one).second; ++number)
      one = fmt::format("{}-{}", fit, number);
    all.push_back(one);
  }
  return all;
}

// Closing brackets and braces stand for themselves, and may not be escaped in POSIX's expressions.
std::string pattern_of(std::string_view name) {
  std::string pattern = "^";
  for (const char letter : name) {
    if (std::string_view(R"(.^$|()[{*+?\)").find(letter) != std::string_view::npos) pattern += '\\';
    pattern += letter;
  }
  return pattern + "$";
}

}  // namespace contend::ab
